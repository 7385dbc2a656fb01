import { defineErrors } from './definition.ts';

/** Failures of names and commands an admin gives. */
export const commandErrors = defineErrors({
  NAME_INVALID: {
    text: '"{name}" is not a host name: letters, digits and hyphens between dots, at most 256 characters, no IP address.',
    fix: 'Correct the name; international names are not supported by partners.',
    severity: 'info',
    http: 400,
  },
  ADDRESS_INVALID: {
    text: '"{address}" is not an address of the form user@domain.',
    fix: 'Write it like alice@contoso.com; the sip: in front is optional.',
    severity: 'info',
    http: 400,
  },
  SCOPE_INVALID: {
    text: '"{identity}" is not a policy identity.',
    fix: 'Use global, site:NAME, or the name of a user policy.',
    severity: 'info',
    http: 400,
  },
});
