import type { PeerOrganisation } from './peer-certificates.ts';

/** What the files of one Kamailio depend on. */
export interface KamailioSettings {
  readonly organisation: PeerOrganisation;
  readonly host: string;
  /** Where its users sign in. */
  readonly userPort: number;
  /** Where partners connect, with mutual TLS. */
  readonly partnerPort: number;
  readonly databaseFile: string;
  readonly tlsFile: string;
  readonly presence: boolean;
  /** Processes that serve connections. */
  readonly workers: number;
}

const baseModules = [
  ...['db_sqlite', 'tm', 'sl', 'rr', 'pv', 'maxfwd', 'usrloc', 'registrar', 'textops', 'siputils', 'sanity'],
  ...['auth', 'auth_db', 'nathelper', 'htable', 'tls'],
];

/**
 * kamailio.cfg of one organisation with the job that a Front End and an Edge do: registrar with digest, only who has registered on this very
 * connection may send, partners by mutual TLS and by a list of domains that is looked up for every message in both directions.
 */
export function kamailioSettings(settings: KamailioSettings): string {
  const { organisation, host, userPort, partnerPort, presence } = settings;
  const modules = presence ? [...baseModules, 'presence', 'presence_xml'] : baseModules;
  return `#!KAMAILIO
debug=-1
log_stderror=yes
disable_core_dump=yes
auto_aliases=no
alias="${organisation.domain}"
listen=tls:${host}:${userPort}
listen=tls:${host}:${partnerPort}
enable_tls=yes
children=1
tcp_children=${settings.workers}
tcp_max_connections=32768
tls_max_connections=32768
tcp_connection_lifetime=3605
tcp_connect_timeout=5
tcp_send_timeout=5
tcp_rd_buf_size=16384
tcp_conn_wq_max=4194304
tcp_wq_max=268435456
dns=no
rev_dns=no
use_dns_cache=no

${modules.map(module => `loadmodule "${module}.so"`).join('\n')}

${moduleParameters(settings)}

request_route {
	if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
	if (!sanity_check("17895", "7")) exit;
	if ($Rp == ${partnerPort}) { route(FROM_PARTNER); exit; }
	if (is_method("REGISTER")) { route(REGISTER); exit; }
	if (!registered("location", "$fu", "2")) { sl_send_reply("403", "Not registered on this connection"); exit; }
	if (has_totag()) {
		if (!loose_route()) { sl_send_reply("404", "Not Here"); exit; }
		if (!t_relay()) sl_reply_error();
		exit;
	}
${presence ? presenceRoute(organisation.domain) : ''}	if (is_method("INVITE")) record_route();
	if ($rd == "${organisation.domain}") route(TO_USER); else route(TO_PARTNER);
}

route[REGISTER] {
	if (!auth_check("$fd", "subscriber", "1")) { auth_challenge("$fd", "1"); exit; }
	consume_credentials();
	fix_nated_register();
	if (!save("location")) sl_reply_error();
}

route[TO_USER] {
	if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
	if (!t_relay()) sl_reply_error();
	exit;
}

route[TO_PARTNER] {
	if ($sht(blocked=>$rd) != $null || $sht(allowed=>$rd) == $null) { sl_send_reply("403", "Domain not allowed"); exit; }
	$du = "sip:" + $sht(allowed=>$rd) + ";transport=tls";
	$fs = "tls:${host}:${partnerPort}";
	if (!t_relay()) sl_reply_error();
	exit;
}

route[FROM_PARTNER] {
	if ($tls_peer_verified != 1 || $tls_peer_subject_cn != $fd) { sl_send_reply("403", "Not your domain"); exit; }
	if ($sht(blocked=>$fd) != $null || $sht(allowed=>$fd) == $null) { sl_send_reply("403", "Domain not allowed"); exit; }
	if ($rd != "${organisation.domain}") { sl_send_reply("403", "No transit"); exit; }
	route(TO_USER);
}
`;
}

/** tls.cfg: partners show a certificate on either side of a connection, users need none. */
export function kamailioTlsSettings({ organisation, host, partnerPort }: KamailioSettings): string {
  const section = (name: string, isMutual: boolean) =>
    [
      `[${name}]`,
      'method = TLSv1.2+',
      `verify_certificate = ${isMutual ? 'yes' : 'no'}`,
      `require_certificate = ${isMutual ? 'yes' : 'no'}`,
      `certificate = ${organisation.certificateFile}`,
      `private_key = ${organisation.keyFile}`,
      `ca_list = ${organisation.caFile}`,
      '',
    ].join('\n');
  return [section('server:default', false), section(`server:${host}:${partnerPort}`, true), section('client:default', true)].join(
    '\n',
  );
}

function moduleParameters({ databaseFile, tlsFile, host, userPort, presence }: KamailioSettings): string {
  const database = `sqlite:///${databaseFile}`;
  const parameters: readonly (readonly [modules: string, name: string, value: string | number])[] = [
    ['tm', 'failure_reply_mode', 3],
    ['tm', 'fr_timer', 10_000],
    ['auth', 'nonce_expire', 3600],
    ['auth_db', 'db_url', database],
    ['auth_db', 'calculate_ha1', 1],
    ['auth_db', 'password_column', 'password'],
    ['auth_db', 'load_credentials', ''],
    ['auth_db', 'use_domain', 1],
    // bindings in memory alone, the fastest that it has
    ['usrloc', 'db_mode', 0],
    ['usrloc', 'use_domain', 1],
    ['usrloc', 'hash_size', 14],
    // sign-in leaves bindings behind until they expire
    ['registrar', 'max_contacts', 32],
    ['nathelper|registrar', 'received_avp', '$avp(RECEIVED)'],
    ['htable', 'db_url', database],
    ['htable', 'htable', 'allowed=>size=14;autoexpire=0;dbtable=allowed;'],
    ['htable', 'htable', 'blocked=>size=8;autoexpire=0;'],
    ['tls', 'config', tlsFile],
    ['tls', 'con_ct_wq_max', 4_194_304],
    ['tls', 'ct_wq_max', 268_435_456],
  ];
  const forPresence: typeof parameters = [
    ['presence|presence_xml', 'db_url', database],
    ['presence', 'server_address', `sip:${host}:${userPort};transport=tls`],
    ['presence', 'subs_htable_size', 12],
    ['presence', 'pres_htable_size', 12],
    ['presence', 'subs_db_mode', 0],
    ['presence', 'publ_cache', 2],
    ['presence_xml', 'force_active', 1],
  ];
  return [...parameters, ...(presence ? forPresence : [])]
    .map(([modules, name, value]) => `modparam("${modules}", "${name}", ${typeof value === 'number' ? value : `"${value}"`})`)
    .join('\n');
}

function presenceRoute(domain: string): string {
  return `	if (is_method("PUBLISH|SUBSCRIBE") && $rd == "${domain}") {
		if (!t_newtran()) { sl_reply_error(); exit; }
		if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
		t_release();
		exit;
	}
`;
}
