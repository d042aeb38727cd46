//! nginx as the guide and common sense ask for: one script runs for each entry point, outsiders get to
//! neither admin nor agent by any of their doors, and what is nobody's business is not there.

/// The configuration over a document root; `closed` are directories of it that nobody asks for.
pub(crate) fn text(root: &str, closed: &str) -> String {
    format!(
        r#"user www-data;
events {{}}
http {{
  geo $outsider {{ default 1; 10.0.0.0/8 0; }}
  map $outsider$uri $refused {{
    default 0;
    ~^1/(index\.php/+)?(admin|billing|reports|cloud|app|admin-api|agent|api|new-agent|scripts|agent-api)(/|$) 1;
  }}
  server {{
    listen 80;
    server_name help.example.com;
    root {root};
    index index.php;
    if ($refused) {{ return 403; }}
    location / {{ try_files $uri /index.php$is_args$args; }}
    location ~ /\. {{ return 404; }}
    location ~ ^/({closed})(/|$) {{ return 404; }}
    location ~ ^(?!.*\.php/).*(~|\.(bak|old|orig|save|sql|zip|gz|log|dat|bat|config|trigger))$ {{ return 404; }}
    location ~ ^/(index|file|dp|get_messages)\.php(/|$) {{
      fastcgi_split_path_info ^(/[^/]+\.php)(.*)$;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:/run/php/php-fpm.sock;
    }}
    location ~ \.php {{ return 404; }}
  }}
}}
"#
    )
}
