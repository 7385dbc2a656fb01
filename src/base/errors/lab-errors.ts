import { defineErrors } from './definition.ts';

/** Failures of the lab. */
export const labErrors = defineErrors({
  LAB_FOLDER_UNUSABLE: {
    text: 'The lab cannot keep its state in {folder}: {reason}.',
    fix: 'Give a folder you may write to with --dir DIR.',
    severity: 'error',
  },
  LAB_FOLDER_NEWER: {
    text: 'The lab in {folder} was made by a newer version of Parley (format {found}, this version knows {known}).',
    fix: 'Use that version, or another folder with --dir DIR.',
    severity: 'error',
  },
  LAB_FOLDER_IN_USE: {
    text: 'The folder {folder} belongs to a lab that is running: process {pid}.',
    fix: 'Stop that lab first, or use another folder with --dir DIR.',
    severity: 'error',
  },
  LAB_STORE_CHANGED: {
    text: 'The lab in {folder} keeps its state {before}.',
    fix: 'Start it with the same --store as before, or use another folder with --dir DIR.',
    severity: 'error',
  },
  LAB_PORT_TAKEN: {
    text: 'Port {port} on {host} ({use}) is taken by another program.',
    fix: 'Find it with "ss -ltnup" and stop it, or choose other ports with --port-base N.',
    severity: 'error',
  },
  LAB_PORT_FORBIDDEN: {
    text: 'This account may not listen on port {port} on {host} ({use}).',
    fix: 'Run the lab as root inside a network namespace ("unshare -Urn"), or leave --standard-ports out.',
    severity: 'error',
  },
  LAB_TRUST_FILE_UNUSABLE: {
    text: 'The file {file} given with --trust cannot be used: {reason}.',
    fix: 'Give a PEM file with CA certificates.',
    severity: 'error',
  },
  LAB_API_UNREACHABLE: {
    text: 'The management API of {organisation} at {url} does not answer: {reason}.',
    fix: 'See the log of its Front End in the folder of the lab.',
    severity: 'error',
  },
  LAB_API_ANSWER_UNKNOWN: {
    text: 'The management API of {organisation} answered {command} with {status} {code}: {text}',
    fix: '{advice}',
    severity: 'error',
  },
  LAB_REPLICATION_LATE: {
    text: 'The Edge of {organisation} has not taken over the configuration within {seconds} seconds: {problem}',
    fix: 'See the log of the Edge in the folder of the lab.',
    severity: 'error',
  },
  LAB_PROCESS_ENDED: {
    text: 'The {process} ended by itself ({how}). Its last words: {detail}',
    fix: 'See {logFile}; the lab goes on without it, start the lab again to have it back.',
    severity: 'error',
  },
  LAB_NAME_UNUSABLE: {
    text: '"{name}" is not a full host name, so no certificate can be issued for it.',
    fix: 'Give names such as edge.northwind.test.',
    severity: 'error',
  },
});
