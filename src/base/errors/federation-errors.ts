import { defineErrors } from './definition.ts';

const noRoute = 'Cannot route to destination domain';
const noRouteFromTo = 'Cannot route From and To domains in this combination';

/** Failures of federations: every reason why a request does not cross between organisations. Strangers see a bare 504 for most of them. */
export const federationErrors = defineErrors({
  FEDERATION_SWITCHED_OFF: {
    text: 'Federation is switched off for the whole deployment (AllowFederatedUsers is false).',
    fix: 'Switch it on: parley access-edge set --federation on.',
    severity: 'info',
    sip: {
      insideStatus: 403,
      diagnosticsId: 1012,
      diagnosticsReason: 'From URI is not authorized to communicate with users outside the enterprise',
      outsideStatus: 504,
      publicId: 1012,
    },
  },
  TENANT_FEDERATION_SWITCHED_OFF: {
    text: 'Federation is switched off for the tenant {tenant}.',
    fix: 'Switch it on: parley tenant set {tenant} --federation on.',
    severity: 'info',
    sip: {
      insideStatus: 403,
      diagnosticsId: 1012,
      diagnosticsReason: 'From URI is not authorized to communicate with users outside the enterprise',
      outsideStatus: 504,
      publicId: 1012,
    },
  },
  NOT_AUTHORISED_OUTSIDE: {
    text: '{user} is governed by the external access policy {policy}, which allows nobody outside the organisation.',
    fix: 'Allow it in that policy: parley policy set {policy} --federation on; or grant {user} another one: parley policy grant NAME {user}.',
    severity: 'info',
    sip: {
      insideStatus: 403,
      diagnosticsId: 1012,
      diagnosticsReason: 'From URI is not authorized to communicate with users outside the enterprise',
      outsideStatus: 404,
    },
  },
  NOT_AUTHORISED_FEDERATION: {
    text: '{user} is governed by the external access policy {policy}, which denies federated partners.',
    fix: 'Allow it in that policy: parley policy set {policy} --federation on; or grant {user} another one: parley policy grant NAME {user}.',
    severity: 'info',
    sip: {
      insideStatus: 403,
      diagnosticsId: 1002,
      diagnosticsReason: 'From URI not authorized to communicate with federated partners',
      outsideStatus: 404,
    },
  },
  NOT_AUTHORISED_PUBLIC: {
    text: '{user} is governed by the external access policy {policy}, which denies public providers.',
    fix: 'Allow it in that policy: parley policy set {policy} --public-cloud on; or grant {user} another one: parley policy grant NAME {user}.',
    severity: 'info',
    sip: {
      insideStatus: 403,
      diagnosticsId: 1001,
      diagnosticsReason: 'From URI not authorized to communicate with public IM providers',
      outsideStatus: 404,
    },
  },
  PUBLIC_AUDIO_VIDEO_DENIED: {
    text: '{user} is governed by the external access policy {policy}, which denies audio and video with public providers.',
    fix: 'Allow it in that policy: parley policy set {policy} --public-cloud-av on.',
    severity: 'info',
    sip: { insideStatus: 488, outsideStatus: 488 },
  },
  DOMAIN_BLOCKED: {
    text: '{domain} is blocked here by the entry {entry} of the blocked list.',
    fix: 'Take the entry off the list if that is wrong: parley domain remove {entry}; or allow the domain instead: parley domain allow {domain}.',
    severity: 'info',
    sip: { insideStatus: 403, diagnosticsId: 1005, diagnosticsReason: noRoute, outsideStatus: 504 },
  },
  DOMAIN_NOT_ALLOWED: {
    text: '{domain} is not on the allowed list, and partner discovery is off.',
    fix: 'Allow the domain: parley domain allow {domain}.',
    severity: 'info',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: noRoute, outsideStatus: 504 },
  },
  HOSTED_DOMAIN_NOT_ALLOWED: {
    text: '{domain} is hosted by the provider {provider} ({target}), but is not on the allowed list, and partner discovery is off.',
    fix: 'Allow the domain: parley domain allow {domain}.',
    severity: 'info',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1028,
      diagnosticsReason: 'Domain resolved by DNS SRV to a configured hosting service but is not in the allow list',
      outsideStatus: 504,
    },
  },
  PROVIDER_DISABLED: {
    text: '{domain} is reached through the provider {provider} ({target}), which is disabled here.',
    fix: 'Enable the provider: parley provider enable {provider}.',
    severity: 'info',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: `${noRoute}: provider disabled`, outsideStatus: 504 },
  },
  DEFAULT_ROUTE_NOT_SET: {
    text: 'Default routing is on, but no default route is set.',
    fix: 'Name the server: parley access-edge set --default-route HOST; or go back to DNS: parley access-edge set --routing UseDnsSrvRouting.',
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: noRoute, outsideStatus: 504 },
  },
  TARGET_IS_OWN_EDGE: {
    text: '{domain} leads to {target}, which is an Edge of this deployment, but the domain is not one of ours.',
    fix: 'Correct the ProxyFqdn of the entry, or ask the owner of {domain} to correct its SRV record; if the domain is yours, add it as a SIP domain.',
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: noRoute, outsideStatus: 504 },
  },
  DNS_UNAVAILABLE: {
    text: 'The SRV record of {domain} could not be looked up: the name servers answered {answer}. Nothing is known about the domain until they work.',
    fix: 'Check the name servers the Edge uses; requests work again when they do.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1007,
      diagnosticsReason: 'Temporarily cannot route',
      outsideStatus: 504,
      publicId: 1007,
    },
  },
  SRV_NOT_FOUND: {
    text: '{domain} publishes no record _sipfederationtls._tcp.{domain}.',
    fix: 'Ask the partner to publish it, or name its server here: parley domain allow {domain} --proxy HOST.',
    severity: 'info',
    sip: { insideStatus: 504, diagnosticsId: 1008, diagnosticsReason: 'Unable to resolve DNS SRV record', outsideStatus: 504 },
  },
  SRV_NAME_CONFLICT: {
    text: 'The SRV record of {domain} points to {target}, which is neither a host directly in {domain} nor a provider known here.',
    fix: "If {target} is a hosting provider: parley provider add NAME {target} --enable; if it is the partner's own server: parley domain allow {domain} --proxy {target}.",
    severity: 'info',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1009,
      diagnosticsReason: 'Conflicting SRV and host domains in DNS',
      outsideStatus: 504,
    },
  },
  ADDRESS_NOT_FOUND: {
    text: 'The server {host} of {domain} has no address in DNS.',
    fix: 'Ask the partner to publish an A or AAAA record for {host}.',
    severity: 'info',
    sip: { insideStatus: 504, diagnosticsId: 1014, diagnosticsReason: 'Unable to resolve DNS A record', outsideStatus: 504 },
  },
  PEER_CERTIFICATE_MISMATCH: {
    text: 'The server that speaks for {domain} has to be {expected}, but its certificate is for {names}.',
    fix: 'Ask the partner for a certificate with {expected} in subjectAltName; if the partner has moved to another server, correct its SRV record or the ProxyFqdn here.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1010,
      diagnosticsReason: 'Certificate trust with next-hop server could not be established',
      outsideStatus: 504,
    },
  },
  ASSERTED_DOMAIN_CONFLICT: {
    text: 'The partner asserts a sender in {asserted}, but From says {from}.',
    fix: 'The partner has to send the same domain in From and P-Asserted-Identity.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1016,
      diagnosticsReason: 'Asserted domain traffic type mismatch',
      outsideStatus: 504,
    },
  },
  ASSERTED_INTERNAL_DOMAIN: {
    text: 'A request from outside claims a sender in our own domain {domain}; its certificate is for {names}.',
    fix: 'If {domain} is shared with a hosting provider, enable that: parley Set-CsHostingProvider -Identity NAME -EnabledSharedAddressSpace true; otherwise somebody pretends to be one of our users.',
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1017, diagnosticsReason: noRouteFromTo, outsideStatus: 504 },
  },
  INTERNAL_DOMAIN_AT_EDGE: {
    text: '{domain} is our own domain; a request for it does not leave through the Edge.',
    fix: "Check the home of the recipient: parley user list '*@{domain}'.",
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1017, diagnosticsReason: noRouteFromTo, outsideStatus: 504 },
  },
  NO_TRANSIT: {
    text: 'A request from outside is for {domain}, which is not a domain of this deployment; nothing is passed on to third parties.',
    fix: 'If the domain is yours: parley New-CsSipDomain -Identity {domain}; otherwise the sender has a wrong address or a wrong SRV record.',
    severity: 'info',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: noRoute, outsideStatus: 504 },
  },
  REQUEST_TYPE_NOT_FEDERATED: {
    text: 'Requests of the type {type} do not cross between organisations.',
    fix: 'Nothing to do: the client works without it.',
    severity: 'info',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1027,
      diagnosticsReason: 'Cannot route this type of SIP request to or from federated partners',
      outsideStatus: 504,
      publicId: 1027,
    },
  },
  NO_FEDERATION_ROUTE: {
    text: 'The site {site} has no federation route: its users reach no partner.',
    fix: 'Point the site to an Edge pool with federation on: parley Set-CsSite -Identity {site} -FederationRoute EDGE-POOL.',
    severity: 'warning',
    sip: { insideStatus: 504, diagnosticsId: 1005, diagnosticsReason: `${noRoute}: no federation route`, outsideStatus: 504 },
  },
  EDGE_FEDERATION_SWITCHED_OFF: {
    text: 'Federation is switched off at the Edge pool {edge} (FederationEnabled is false): it carries nothing from or to partners.',
    fix: 'Switch it on: parley Set-CsEdgeServer -Identity {edge} -FederationEnabled true; or point the sites to the Edge pool where it is on: parley Set-CsSite -Identity SITE -FederationRoute EDGE-POOL.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1005,
      diagnosticsReason: `${noRoute}: federation is off at the Edge`,
      outsideStatus: 504,
    },
  },
  EDGE_UNREACHABLE_FROM_FRONT_END: {
    text: 'The Front End cannot reach the Edge pool {edge}: {cause}.',
    fix: 'See that the Edge runs and that TCP {port} between Front End and Edge is open: parley check.',
    severity: 'error',
    sip: { insideStatus: 504, diagnosticsId: 1038, diagnosticsReason: 'Failed to connect to a peer server', outsideStatus: 504 },
  },
  FRONT_END_UNREACHABLE_FROM_EDGE: {
    text: 'The Edge cannot reach its next hop {pool}: {cause}.',
    fix: 'See that the pool runs and that TCP {port} from the Edge to it is open: parley check.',
    severity: 'error',
    sip: { insideStatus: 504, diagnosticsId: 1038, diagnosticsReason: 'Failed to connect to a peer server', outsideStatus: 504 },
  },
  PEER_GAVE_NO_DIAGNOSTICS: {
    text: '{domain} refused with {status} and gave no reason. Its own log knows why.',
    fix: 'Ask the admin of {domain}; see meanwhile that our SRV record and certificate are right: parley check {domain}.',
    severity: 'info',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1034,
      diagnosticsReason: 'Previous hop federated peer did not report diagnostic information',
      outsideStatus: 504,
    },
  },
  RECIPIENT_SUSPENDED: {
    text: '{user} is suspended; from outside that looks like an unknown user.',
    fix: 'Resume the account: parley user resume {user}.',
    severity: 'info',
    sip: {
      insideStatus: 404,
      diagnosticsId: 4005,
      diagnosticsReason: 'Destination URI either not enabled for SIP or does not exist',
      outsideStatus: 404,
    },
  },
  SENDER_BLOCKED_BY_USER: {
    text: '{user} has blocked {sender} by the entry {entry} of their own block list, and looks offline from there.',
    fix: 'Nothing to do if {user} wants it so; else take the entry off: parley user unblock {user} {entry}.',
    severity: 'info',
    // as USER_OFFLINE: nobody can tell being blocked from the user being offline
    sip: { insideStatus: 480, outsideStatus: 480 },
  },
  DIALOG_BLOCKED_BY_USER: {
    text: '{user} has blocked {sender} by the entry {entry} of their own block list; nothing more passes from there inside a dialog either.',
    fix: 'Nothing to do if {user} wants it so; else take the entry off: parley user unblock {user} {entry}.',
    severity: 'info',
    // as DIALOG_UNKNOWN, which is what the dialog of an endpoint that is gone is answered
    sip: { insideStatus: 481, outsideStatus: 481 },
  },
  SENDER_UNVERIFIED: {
    text: '{sender} is not verified by {domain} and is not a contact of {user}.',
    fix: 'If {domain} can be trusted to know its own users: parley domain allow {domain} --verification AlwaysVerifiable.',
    severity: 'info',
    sip: { insideStatus: 480, outsideStatus: 480 },
  },
  SENDER_DOMAIN_UNKNOWN: {
    text: 'The Edge was asked to send for {domain}, which is not a domain of this deployment.',
    fix: 'If the domain is new, wait until the Edge has the configuration: parley check.',
    severity: 'warning',
    sip: {
      insideStatus: 504,
      diagnosticsId: 1015,
      diagnosticsReason: 'Cannot route from message source domain',
      outsideStatus: 504,
    },
  },
  NEXT_HOP_MISSING: {
    text: 'The Edge {edge} does not know where to hand in: the topology has no pool for it.',
    fix: 'Name the pool: parley Set-CsEdgeServer -Identity EDGE-POOL -Registrar POOL; see also parley replication status.',
    severity: 'error',
    sip: { insideStatus: 504, outsideStatus: 504 },
  },
  TOO_MANY_NEW_DOMAINS: {
    text: 'The peer {names} asserts more new domains than may be looked up for it in a minute.',
    fix: 'If it is a partner of yours, put its domains on the allowed list; else block it.',
    severity: 'warning',
    sip: { insideStatus: 504, outsideStatus: 504 },
  },
});
