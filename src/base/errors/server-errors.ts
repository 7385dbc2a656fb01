import { defineErrors } from './definition.ts';

/** Failures of listeners, connections and the running server. */
export const serverErrors = defineErrors({
  PORT_IN_USE: {
    text: 'Port {port} on {host} is taken by another program.',
    fix: 'Find it with "ss -ltnp", stop it, or give this listener another port in the configuration file.',
    severity: 'error',
  },
  FILE_OPEN_TO_OTHERS: {
    text: 'Other accounts of this machine may read or change {path} (mode {mode}), which is for this server alone.',
    fix: 'Take the rights of others away: chmod {change} {path}. If somebody could have read a key, a token or a password in it, replace it.',
    severity: 'error',
  },
  PORT_FORBIDDEN: {
    text: 'This account may not listen on port {port} on {host}.',
    fix: 'Ports below 1024 need the capability CAP_NET_BIND_SERVICE; grant it to the service or use a higher port.',
    severity: 'error',
  },
  ADDRESS_NOT_AVAILABLE: {
    text: 'The address {host} is not one of this machine, so port {port} cannot be opened on it.',
    fix: 'Correct the address of the listener in the configuration file; "ip address" shows those of this machine.',
    severity: 'error',
  },
  LISTEN_FAILED: {
    text: 'Port {port} on {host} cannot be opened: {reason}.',
    fix: 'Check the address and port of the listener in the configuration file.',
    severity: 'error',
  },
  TLS_SETTINGS_UNUSABLE: {
    text: 'The certificate or key cannot be used for TLS: {reason}.',
    fix: 'Give a PEM certificate chain and the private key that belongs to it.',
    severity: 'error',
  },
  TOO_MANY_CONNECTIONS: {
    text: '{owner} has {limit} connections already, and none of them is idle.',
    fix: 'Close connections that are not needed; the oldest one on which nothing was heard gives way to a new one.',
    severity: 'warning',
    sip: { insideStatus: 503, outsideStatus: 503 },
  },
  PEER_UNREACHABLE: {
    text: 'No connection to {target}: {reason}.',
    fix: 'Check that the peer is running and that the firewall allows TCP to {target}.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1046,
      diagnosticsReason: 'Failed to connect to a federated peer server',
      outsideStatus: 504,
    },
  },
  PEER_CONNECT_TIMEOUT: {
    text: 'No connection to {target} within {seconds} seconds.',
    fix: 'Check that the firewall allows TCP to {target} and that the peer is not overloaded.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1046,
      diagnosticsReason: 'Failed to connect to a federated peer server',
      outsideStatus: 504,
    },
  },
  PEER_TLS_FAILED: {
    text: 'TLS with {target} could not be negotiated: {reason}.',
    fix: 'Compare TLS versions and see whether the peer trusts our certificate.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1047,
      diagnosticsReason: 'Failed to complete TLS negotiation with a federated peer server',
      outsideStatus: 504,
    },
  },
  SERVER_STOPPING: {
    text: 'The server is about to stop and takes no subscriptions any more.',
    fix: 'Nothing to do: the client subscribes again after the time in Retry-After.',
    severity: 'info',
    sip: { insideStatus: 503, outsideStatus: 503 },
  },
  WORKER_AWAY: {
    text: 'The worker process that keeps the presence of {user} is not there.',
    fix: 'It is started again by itself within seconds; the log of the server says why it ended.',
    severity: 'warning',
    sip: { insideStatus: 503, outsideStatus: 504 },
  },
  WORKER_DID_NOT_START: {
    text: 'Worker process {slot} did not start: {detail}.',
    fix: 'See what it wrote to the log of the server; "workers: 1" in the configuration file goes without further processes.',
    severity: 'error',
  },
  WEBSOCKET_REFUSED: {
    text: 'No WebSocket for {target}: {reason}.',
    fix: 'Clients connect to the path "/" with the sub-protocol "sip", scripts in browsers from an origin that the server allows.',
    severity: 'info',
  },
  PEER_WITHOUT_CERTIFICATE: {
    text: 'The peer {target} sent no certificate.',
    fix: 'The peer has to present its certificate on this connection.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1010,
      diagnosticsReason: 'Certificate trust with next-hop server could not be established',
      outsideStatus: 504,
    },
  },
  ZONE_FILE_UNREADABLE: {
    text: 'The zone file {file} cannot be read: {problem}.',
    fix: 'Check the path given with --zone.',
    severity: 'error',
  },
  ZONE_FILE_LINE: {
    text: 'Line {line} of the zone file {file} is wrong: {problem} ("{text}").',
    fix: 'Write one record a line as "name type data", for example "_sipfederationtls._tcp.partner.test SRV 0 0 5061 edge.partner.test"; # starts a comment.',
    severity: 'error',
  },
  ADDRESS_UNAVAILABLE: {
    text: 'The address of {host} could not be looked up: the name servers answered {answer}.',
    fix: 'Check the name servers this server uses; requests work again when they do.',
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1007, diagnosticsReason: 'Temporarily cannot route', outsideStatus: 504 },
  },
});
