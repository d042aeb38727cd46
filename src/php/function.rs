//! Function calls: those that touch the script or its files, and what any other call may do.
//!
//! A call that is not modelled has an unknown result and may write whatever the site's functions write.

use super::array::Key;
use super::builtin;
use super::convert::{Refusal, string};
use super::effect::{Effects, Root, plain, root};
use super::evaluate::{Eval, Evaluator};
use super::include::path_of;
use super::state::IniSet;
use super::value::{Unknown, Value};
use php_ast::{Arg, ArgKind, Expr, ExprKind, FunctionCallExpr, Span};
use std::os::unix::ffi::OsStrExt;

/// Functions that neither write their arguments nor call back.
const BY_VALUE: &str = " define defined constant ini_set ini_alter ini_get set_time_limit error_reporting \
 file_exists is_file is_dir is_readable is_writable realpath file_get_contents getenv putenv function_exists \
 class_exists extension_loaded phpversion php_uname php_sapi_name sys_get_temp_dir time microtime date mktime \
 strtotime date_default_timezone_set date_default_timezone_get mb_internal_encoding setlocale header \
 http_response_code error_log trigger_error hash hash_hmac sha1 md5_file crc32 random_bytes random_int rand \
 mt_rand uniqid gethostname getcwd getmypid get_current_user posix_getuid memory_get_usage version_compare \
 session_name session_set_cookie_params umask chdir mkdir file_put_contents unlink filemtime fileperms glob \
 scandir parse_url parse_ini_file parse_ini_string var_export print_r serialize unserialize json_encode \
 number_format round floor ceil abs min max pow sqrt is_callable is_object is_resource is_iterable \
 is_countable gettype get_debug_type array_slice array_diff array_diff_key array_intersect \
 array_intersect_key array_unique array_reverse array_flip array_fill array_fill_keys array_combine \
 array_column array_sum array_product array_search array_pad array_chunk array_key_first array_key_last \
 array_is_list range compact ucwords lcfirst nl2br htmlspecialchars htmlentities html_entity_decode \
 addslashes stripslashes urlencode rawurlencode urldecode rawurldecode http_build_query base64_encode \
 bin2hex hex2bin chr ord dechex hexdec bindec decbin octdec str_pad str_split wordwrap strrev strcmp \
 strcasecmp strncmp strncasecmp strnatcmp stripos strrpos strstr stristr strrchr substr_count \
 substr_replace ucfirst mb_strlen mb_substr mb_strtolower mb_strtoupper pathinfo fopen usleep sleep \
 ignore_user_abort assert spl_object_id func_get_args get_cfg_var get_include_path set_include_path \
 filter_var ip2long long2ip inet_pton iconv mb_convert_encoding utf8_encode utf8_decode gc_enable ob_start \
 ob_end_clean ob_get_clean opcache_reset apcu_enabled intdiv fmod ctype_digit ctype_alpha ctype_alnum ";

pub(super) fn takes_values_only(name: &str) -> bool {
    builtin::MODELLED.contains(&name)
        || (!name.is_empty() && BY_VALUE.contains(&format!(" {name} ")))
}

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &FunctionCallExpr<'_, '_>, span: Span) -> Eval {
        let ExprKind::Name(name) = &call.name.kind else {
            self.expr(call.name)?;
            return self.foreign_call("a computed function", &call.args, span);
        };
        let name = plain(name);
        let shadowed =
            self.functions.declared.contains_key(&name) && !self.unit.namespace.is_empty();
        if !takes_values_only(&name) || shadowed {
            return self.foreign_call(&name, &call.args, span);
        }
        if name == "compact" {
            let why = "compact() is not modelled";
            return Ok(Value::Unknown(self.unknown(span, why)));
        }
        let Some(args) = self.arguments(&call.args)? else {
            let why = format!("{name}() with named arguments or an unknown list of them");
            return Ok(Value::Unknown(self.unknown(span, why)));
        };
        let weight: u64 = args.iter().map(Value::weight).sum();
        self.spend(weight / 4 + 1, span)?;
        if let Some(value) = self.special(&name, &args, span)? {
            return Ok(value);
        }
        if self.unit.strict
            && args
                .iter()
                .any(|arg| !matches!(arg, Value::Str(_) | Value::Array(_)))
        {
            let why = format!("{name}() under strict_types");
            return Ok(Value::Unknown(self.unknown(span, why)));
        }
        let at = self.place(span);
        let answer =
            builtin::call(&name, &args, &at, self.limits).map_err(|refusal| match refusal {
                Refusal::Dies(text) => Refusal::Dies(format!("{name}(): {text}")),
                other => other,
            });
        self.settle(answer, span)
    }

    /// The arguments in order, `None` when their number or order is not known.
    fn arguments(&mut self, args: &[Arg<'_, '_>]) -> Eval<Option<Vec<Value>>> {
        let mut values = Vec::new();
        let mut plain = true;
        for arg in args {
            plain &= arg.name.is_none();
            match &arg.kind {
                ArgKind::Value(expr) => values.push(self.expr(expr)?),
                ArgKind::Spread(expr) => match self.expr(expr)? {
                    Value::Array(array) if array.loose().is_none() => {
                        plain &= array.iter().all(|(key, _)| matches!(key, Key::Int(_)));
                        values.extend(array.iter().map(|(_, held)| held.value.clone()));
                    }
                    _ => plain = false,
                },
                ArgKind::ByRef(expr) => self.refer(expr, expr.span)?,
                _ => plain = false,
            }
        }
        Ok(plain.then_some(values))
    }

    /// A function that is not modelled: unknown result, unknown effects.
    fn foreign_call(&mut self, name: &str, args: &[Arg<'_, '_>], span: Span) -> Eval {
        let why = self.unknown(span, format!("the result of {name}() is not known"));
        let declared = self.functions.declared.get(name).cloned();
        for (position, arg) in args.iter().enumerate() {
            let plain = arg.name.is_none() && matches!(arg.kind, ArgKind::Value(_));
            let reference = |by_ref: &Vec<bool>| by_ref.get(position).copied().unwrap_or(false);
            let by_value = plain && declared.as_ref().is_some_and(|by_ref| !reference(by_ref));
            match arg.value() {
                Some(arg) if by_value => self.expr(arg).map(|_| ())?,
                Some(arg) => self.argument_of_stranger(arg, &why)?,
                None => {}
            }
        }
        if matches!(name, "extract" | "parse_str" | "import_request_variables") {
            let effects = Effects {
                anything: Some("extract"),
                ..Effects::default()
            };
            let why = self.unknown(span, format!("{name}() may change any variable"));
            self.note(&why.at.clone(), why.why.clone());
            self.havoc(&effects, &why);
            return Ok(Value::Unknown(why));
        }
        self.note(&why.at.clone(), format!("{name}() is not followed"));
        self.unmodelled = true;
        self.user_code(&why);
        Ok(Value::Unknown(why))
    }

    fn argument_of_stranger(&mut self, arg: &Expr<'_, '_>, why: &Unknown) -> Eval<()> {
        match root(arg) {
            Root::Name(name) => {
                self.quiet(arg)?;
                if !super::expression::SUPERGLOBALS.contains(&name) {
                    self.taint(name, why);
                }
                Ok(())
            }
            Root::Any => self.write_elsewhere(arg),
            _ => self.expr(arg).map(|_| ()),
        }
    }

    /// Functions that touch the script itself or its files.
    fn special(&mut self, name: &str, args: &[Value], span: Span) -> Eval<Option<Value>> {
        let first = args.first().unwrap_or(&Value::Null);
        Ok(Some(match name {
            "define" => self.define_call(args, span)?,
            "defined" => self.defined(first, span),
            "constant" => self.constant_call(first, span)?,
            "ini_set" | "ini_alter" => {
                let key = string(first)
                    .map_or("*".into(), |key| String::from_utf8_lossy(&key).into_owned());
                self.ini(&key, args.get(1).unwrap_or(&Value::Null), span)
            }
            "set_time_limit" => self.ini("max_execution_time", first, span),
            "error_reporting" if !args.is_empty() => self.ini("error_reporting", first, span),
            "file_exists" | "is_file" | "is_dir" | "is_readable" => {
                let at = self.place(span);
                self.file_question(name, first, &at)
            }
            "realpath" => self.realpath(first, span),
            "file_get_contents" => self.contents(first, args.len(), span),
            "getenv" => {
                let which = first.as_bytes().map_or(String::new(), |name| {
                    format!("'{}'", String::from_utf8_lossy(name))
                });
                Value::Unknown(
                    self.unknown(span, format!("getenv({which}) depends on the environment")),
                )
            }
            "error_reporting" | "ini_get" => {
                Value::Unknown(self.unknown(span, format!("{name}() depends on php.ini")))
            }
            _ if builtin::MODELLED.contains(&name) => return Ok(None),
            _ => Value::Unknown(self.unknown(
                span,
                format!("{name}() depends on the machine or is not modelled"),
            )),
        }))
    }

    fn ini(&mut self, key: &str, value: &Value, span: Span) -> Value {
        let at = self.place(span);
        self.state.ini.push(IniSet {
            key: key.to_owned(),
            value: value.clone(),
            at,
            certain: true,
        });
        Value::Unknown(self.unknown(
            span,
            format!("the earlier value of {key} depends on php.ini"),
        ))
    }

    fn realpath(&mut self, path: &Value, span: Span) -> Value {
        let Ok(bytes) = string(path) else {
            return path.clone();
        };
        let path = path_of(bytes);
        if !path.is_absolute() {
            return Value::Unknown(self.unknown(
                span,
                "realpath() of a relative path depends on the working directory",
            ));
        }
        match self.sources.realpath(&path) {
            Ok(Some(path)) => Value::Str(path.as_os_str().as_bytes().to_vec()),
            Ok(None) => Value::Bool(false),
            Err(why) => {
                Value::Unknown(self.unknown(span, format!("realpath({}): {why}", path.display())))
            }
        }
    }

    fn contents(&mut self, path: &Value, args: usize, span: Span) -> Value {
        const MOST: usize = 64 << 10;
        let Ok(bytes) = string(path) else {
            return path.clone();
        };
        let path = path_of(bytes);
        let why = if args > 1 || !path.is_absolute() {
            format!("the contents of {} are not followed", path.display())
        } else {
            match self.sources.read(&path) {
                Ok(Some(bytes)) if bytes.len() <= MOST => return Value::Str(bytes),
                Ok(Some(_)) => format!("{} is too large to follow", path.display()),
                Ok(None) => return Value::Bool(false),
                Err(why) => format!("{} could not be read: {why}", path.display()),
            }
        };
        Value::Unknown(self.unknown(span, why))
    }
}
