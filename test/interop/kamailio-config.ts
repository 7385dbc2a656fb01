/** What the two configuration files of a Kamailio depend on. */
export interface KamailioSettings {
  readonly domain: string;
  readonly host: string;
  readonly ports: KamailioPorts;
  /** Of its users, who all have the same. */
  readonly password: string;
  readonly partner: { readonly domain: string; readonly edgeFqdn: string; readonly edgeHost: string; readonly edgePort: number };
  /** What it shows its users and what it shows partners. */
  readonly userIdentity: IdentityFiles;
  readonly partnerIdentity: IdentityFiles;
  /** CA certificates it trusts, a path. */
  readonly ca: string;
}

/** Where it listens, all TLS. */
export interface KamailioPorts {
  /** For its users, who sign in with digest. */
  readonly users: number;
  /** For partners, mutual TLS. */
  readonly partners: number;
  /** For anybody: what comes here goes to the partner as it is. */
  readonly open: number;
}

/** Paths of PEM files. */
export interface IdentityFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** kamailio.cfg: registrar and proxy of one organisation with one partner, in every call's path. */
export function kamailioConfig(settings: KamailioSettings, tlsConfigFile: string): string {
  const { domain, host, ports, password, partner } = settings;
  return `#!KAMAILIO
debug=2
log_stderror=yes
auto_aliases=no
listen=tls:${host}:${ports.users}
listen=tls:${host}:${ports.partners}
listen=tls:${host}:${ports.open}
enable_tls=yes
children=1
tcp_children=2
tcp_connect_timeout=5
dns=no
rev_dns=no

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
loadmodule "nathelper.so"
loadmodule "tls.so"

modparam("tm", "fr_timer", 3000)
modparam("usrloc", "db_mode", 0)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("tls", "config", "${tlsConfigFile}")

request_route {
	if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
	if ($Rp == ${ports.partners}) route(FROM_PARTNER);
	else if ($Rp == ${ports.users}) route(FROM_USER);
	else route(TO_PARTNER);
}

route[FROM_USER] {
	if (is_method("REGISTER")) {
		if (!pv_www_authenticate("$fd", "${password}", "0")) { www_challenge("$fd", "0"); exit; }
		consume_credentials();
		fix_nated_register();
		if (!save("location")) sl_reply_error();
		exit;
	}
	if (!is_method("ACK")) {
		if (!pv_proxy_authenticate("$fd", "${password}", "0")) { proxy_challenge("$fd", "0"); exit; }
		consume_credentials();
	}
	if (has_totag()) loose_route();
	else if (is_method("INVITE")) { record_route(); set_contact_alias(); }
	route(TO_PARTNER);
}

route[TO_PARTNER] {
	$du = "sip:${partner.edgeHost}:${partner.edgePort};transport=tls";
	$fs = "tls:${host}:${ports.partners}";
	if (!t_relay()) sl_reply_error();
	exit;
}

route[FROM_PARTNER] {
	if ($tls_peer_verified != 1 || $tls_peer_san_hostname != "${partner.edgeFqdn}" || $fd != "${partner.domain}") {
		sl_send_reply("403", "The certificate does not cover the sender");
		exit;
	}
	if (has_totag()) {
		loose_route();
		handle_ruri_alias();
	} else {
		if ($rd != "${domain}") { sl_send_reply("403", "No transit"); exit; }
		if (is_method("INVITE")) record_route();
		if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
	}
	t_on_reply("FROM_USER");
	if (!t_relay()) sl_reply_error();
	exit;
}

onreply_route[FROM_USER] {
	if (is_method("INVITE")) set_contact_alias();
}
`;
}

/** tls.cfg: partners have to show a certificate on either side of a connection. */
export function kamailioTlsConfig({ host, ports, userIdentity, partnerIdentity, ca }: KamailioSettings): string {
  const profile = (name: string, { certificateFile, keyFile }: IdentityFiles, isMutual: boolean) => `[${name}]
method = TLSv1.2+
verify_certificate = ${isMutual ? 'yes' : 'no'}
require_certificate = ${isMutual ? 'yes' : 'no'}
private_key = ${keyFile}
certificate = ${certificateFile}
ca_list = ${ca}
`;
  return [
    profile('server:default', userIdentity, false),
    profile(`server:${host}:${ports.partners}`, partnerIdentity, true),
    profile('client:default', partnerIdentity, true),
  ].join('\n');
}
