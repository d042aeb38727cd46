//! Directives that need no thought: those that other rooms of the model read, and those that cannot
//! change which decision a GET meets. By module, from the directive lists at nginx.org/en/docs; what
//! is not here stops a request that meets it.

/// Read elsewhere in the model, or known there as not modelled.
const MODELLED: &[&str] = &[
    "http",
    "server",
    "location",
    "if",
    "limit_except",
    "upstream",
    "map",
    "geo",
    "split_clients",
    "types",
    "listen",
    "server_name",
    "set",
    "rewrite",
    "return",
    "break",
    "try_files",
    "proxy_pass",
    "fastcgi_pass",
    "uwsgi_pass",
    "scgi_pass",
    "grpc_pass",
    "memcached_pass",
    "tunnel_pass",
    "empty_gif",
    "stub_status",
    "merge_slashes",
    "underscores_in_headers",
    "ignore_invalid_headers",
    "ssl",
    "ssl_verify_client",
    "ssl_reject_handshake",
    "mp4",
    "flv",
    "perl",
    "api",
    "status",
    "hls",
    "f4f",
    "js_content",
    "content_by_lua",
    "content_by_lua_block",
    "content_by_lua_file",
    "perl_set",
    "js_set",
    "js_var",
    "auth_request_set",
    "set_by_lua",
    "set_by_lua_block",
    "set_by_lua_file",
];

/// Modules and those of their directives that change no decision; a star stands for any ending.
/// They set limits on time, size and rate, logs, caches, headers, compression, and how other servers
/// are spoken to. `limit_req` and `limit_conn` refuse the many, not the one request that is asked about.
const HARMLESS: &[(&str, &[&str])] = &[
    (
        "ngx_http_core_module",
        &[
            "aio",
            "aio_write",
            "auth_delay",
            "chunked_transfer_encoding",
            "client_*",
            "connection_pool_size",
            "default_type",
            "directio",
            "directio_alignment",
            "etag",
            "if_modified_since",
            "keepalive_*",
            "large_client_header_buffers",
            "limit_rate",
            "limit_rate_after",
            "lingering_*",
            "log_not_found",
            "log_subrequest",
            "max_ranges",
            "max_headers",
            "msie_*",
            "open_file_cache*",
            "output_buffers",
            "postpone_output",
            "read_ahead",
            "request_pool_size",
            "reset_timedout_connection",
            "resolver",
            "resolver_timeout",
            "send_lowat",
            "send_timeout",
            "sendfile",
            "sendfile_max_chunk",
            "server_names_hash_*",
            "server_tokens",
            "subrequest_output_buffer_size",
            "tcp_nodelay",
            "tcp_nopush",
            "types_hash_*",
            "variables_hash_*",
            "error_log",
            "early_hints",
        ],
    ),
    (
        "ngx_http_log_module",
        &["access_log", "log_format", "open_log_file_cache"],
    ),
    (
        "ngx_http_headers_module",
        &[
            "add_header",
            "add_header_inherit",
            "add_trailer",
            "add_trailer_inherit",
            "expires",
        ],
    ),
    (
        "ngx_http_addition_module",
        &["add_before_body", "add_after_body", "addition_types"],
    ),
    ("ngx_http_autoindex_module", &["autoindex_*"]),
    (
        "ngx_http_browser_module",
        &[
            "ancient_browser",
            "ancient_browser_value",
            "modern_browser",
            "modern_browser_value",
        ],
    ),
    (
        "ngx_http_charset_module",
        &[
            "charset",
            "charset_map",
            "charset_types",
            "override_charset",
            "source_charset",
        ],
    ),
    (
        "ngx_http_dav_module",
        &[
            "create_full_put_path",
            "dav_access",
            "dav_methods",
            "min_delete_depth",
        ],
    ),
    ("ngx_http_fastcgi_module", &["fastcgi_*"]),
    ("ngx_http_flv_module", &["flv_*"]),
    ("ngx_http_geoip_module", &["geoip_*"]),
    ("ngx_http_geoip2_module", &["geoip2", "geoip2_*"]),
    ("ngx_http_grpc_module", &["grpc_*"]),
    ("ngx_http_gunzip_module", &["gunzip", "gunzip_buffers"]),
    ("ngx_http_gzip_module", &["gzip", "gzip_*"]),
    (
        "ngx_brotli",
        &[
            "brotli",
            "brotli_buffers",
            "brotli_comp_level",
            "brotli_min_length",
            "brotli_types",
            "brotli_window",
        ],
    ),
    ("ngx_http_image_filter_module", &["image_filter_*"]),
    (
        "ngx_http_js_module",
        &[
            "js_import",
            "js_path",
            "js_preload_object",
            "js_shared_dict_zone",
            "js_fetch_*",
        ],
    ),
    (
        "ngx_http_limit_conn_module",
        &["limit_conn", "limit_conn_*", "limit_zone"],
    ),
    ("ngx_http_limit_req_module", &["limit_req", "limit_req_*"]),
    (
        "ngx_http_lua_module",
        &[
            "lua_*",
            "init_by_lua*",
            "init_worker_by_lua*",
            "log_by_lua*",
            "ssl_session_*_by_lua*",
        ],
    ),
    ("ngx_http_map_module", &["map_hash_*"]),
    ("ngx_http_memcached_module", &["memcached_*"]),
    ("ngx_http_mirror_module", &["mirror", "mirror_request_body"]),
    ("ngx_http_mp4_module", &["mp4_*"]),
    ("ngx_http_perl_module", &["perl_modules", "perl_require"]),
    ("ngx_http_proxy_module", &["proxy_*"]),
    ("ngx_http_realip_module", &["real_ip_*", "set_real_ip_from"]),
    (
        "ngx_http_referer_module",
        &["referer_hash_*", "valid_referers"],
    ),
    (
        "ngx_http_rewrite_module",
        &["rewrite_log", "uninitialized_variable_warn"],
    ),
    ("ngx_http_scgi_module", &["scgi_*"]),
    (
        "ngx_http_secure_link_module",
        &["secure_link", "secure_link_*"],
    ),
    ("ngx_http_slice_module", &["slice"]),
    ("ngx_http_ssi_module", &["ssi", "ssi_*"]),
    ("ngx_http_ssl_module", &["ssl_*"]),
    ("ngx_http_sub_module", &["sub_filter", "sub_filter_*"]),
    ("ngx_http_upstream_module", &["keepalive", "zone"]),
    ("ngx_http_userid_module", &["userid", "userid_*"]),
    ("ngx_http_uwsgi_module", &["uwsgi_*"]),
    ("ngx_http_v2_module", &["http2", "http2_*"]),
    ("ngx_http_v3_module", &["http3", "http3_*", "quic_*"]),
    (
        "ngx_headers_more",
        &[
            "more_set_headers",
            "more_clear_headers",
            "more_set_input_headers",
            "more_clear_input_headers",
        ],
    ),
    (
        "ngx_http_vhost_traffic_status_module",
        &[
            "vhost_traffic_status",
            "vhost_traffic_status_zone",
            "vhost_traffic_status_filter*",
        ],
    ),
    ("ngx_otel_module", &["otel_*"]),
];

/// Begin like a harmless family and are not.
const EXCEPTIONS: &[&str] = &[
    "ssl_certificate_by_lua",
    "ssl_certificate_by_lua_block",
    "gzip_static",
];

/// Whether a directive needs no further thought where it stands.
pub(super) fn is_known(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    let fits = |known: &&str| match known.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.trim_end_matches('*').len()
                && name.starts_with(start)
                && name.contains(end.trim_end_matches('*'))
        }
        None => *known == name,
    };
    let is_harmless = || HARMLESS.iter().any(|(_, names)| names.iter().any(&fits));
    MODELLED.contains(&name) || (!EXCEPTIONS.contains(&name) && is_harmless())
}
