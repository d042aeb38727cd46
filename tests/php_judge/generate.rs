//! Makes configuration files that are as odd as administrators and attackers make them, from a seed.

/// A small deterministic source of choices.
pub(crate) struct Choice(u64);

impl Choice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// One case: files of statements, the first being the entry.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) files: Vec<Vec<String>>,
    pub(crate) dress: usize,
    /// The name of the folder, which `__DIR__` shows.
    pub(crate) folder: String,
}

impl Case {
    pub(crate) fn statements(&self) -> usize {
        self.files.iter().map(Vec::len).sum()
    }

    /// The bytes of a file, dressed: line ends, byte order mark, tail.
    pub(crate) fn render(&self, file: usize) -> Vec<u8> {
        let mut text = String::from("<?php\n");
        for statement in &self.files[file] {
            text.push_str(statement);
            text.push('\n');
        }
        let mut bytes = text.into_bytes();
        match self.dress {
            0 => bytes = replace(&bytes, b"\n", b"\r\n"),
            1 => bytes.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
            2 => bytes.extend(b"?>\n"),
            3 => bytes.extend(b"?>\n<html>$x = 1;</html>\n<?php $after_html = 1;"),
            4 => bytes = replace(&bytes, "é".as_bytes(), b"\xe9"),
            5 => bytes.extend(b"__halt_compiler();\n$never = 1; '"),
            _ => {}
        }
        bytes
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(from) {
            result.extend(to);
            at += from.len();
        } else {
            result.push(bytes[at]);
            at += 1;
        }
    }
    result
}

const VARIABLES: &[&str] = &[
    "DP_CONFIG",
    "DB_CONFIG",
    "CONFIG",
    "ENV_CONFIG",
    "a",
    "b",
    "c",
    "opc",
    "name",
    "list",
];
const SCALARS: &[&str] = &["a", "b", "c", "name"];
const ARRAYS: &[&str] = &[
    "DP_CONFIG",
    "DB_CONFIG",
    "CONFIG",
    "ENV_CONFIG",
    "opc",
    "list",
];
const KEYS: &[&str] = &[
    "'host'",
    "'user'",
    "'password'",
    "'debug'",
    "'dev'",
    "\"env\"",
    "0",
    "1",
    "'1'",
    "'01'",
    "null",
    "true",
    "2.7",
    "'db'",
    "\"trust_proxy_data\"",
    "'schlüssel'",
    "$name",
    "'a' . 'b'",
    "-3",
    "'x y'",
    "''",
];
const CONSTANTS: &[&str] = &["DP_HOST", "DP_USER", "DP_DEBUG", "DP_X", "DP_Y"];

pub(crate) fn case(seed: u64) -> Case {
    let mut choice = Choice::new(seed);
    let count = 1 + if choice.chance(35) {
        choice.below(3)
    } else {
        0
    };
    let style = choice.below(4);
    let mut files = Vec::new();
    for file in 0..count {
        let statements = 2 + choice.below(if file == 0 { 14 } else { 6 });
        let mut body: Vec<String> = prologue(&mut choice, style, file);
        for _ in 0..statements {
            body.push(statement(&mut choice, 2));
        }
        if file > 0 && choice.chance(20) {
            let value = expression(&mut choice, 2);
            body.push(format!("return {value};"));
        }
        files.push(body);
    }
    for file in 1..count {
        let includer = choice.below(file);
        let how = choice.one(&["require", "include", "require_once", "include_once"]);
        let path = match choice.below(4) {
            0 => format!("__DIR__ . '/f{file}.php'"),
            1 => format!("dirname(__FILE__) . '/f{file}.php'"),
            2 => format!("__DIR__ . DIRECTORY_SEPARATOR . \"f{file}.php\""),
            _ => format!("realpath(__DIR__ . '/../' . basename(__DIR__)) . '/f{file}.php'"),
        };
        let line = match choice.below(5) {
            0 => format!("if (is_file({path})) {how} {path};"),
            1 => format!("$CONFIG = {how} {path};"),
            2 => format!("{how} {path}; {how} {path};"),
            3 => {
                format!("if (getenv('DG_FLAG')) {how}_once {path};").replace("_once_once", "_once")
            }
            _ => format!("{how}({path});"),
        };
        let at = choice.below(files[includer].len() + 1);
        files[includer].insert(at, line);
    }
    Case {
        files,
        dress: choice.below(24),
        folder: String::new(),
    }
}

fn prologue(choice: &mut Choice, style: usize, file: usize) -> Vec<String> {
    if file > 0 {
        return Vec::new();
    }
    let lines: &[&str] = match style {
        0 => &[
            "define('DP_DATABASE_HOST', 'localhost');",
            "define('DP_DATABASE_PASSWORD', '');  // trailing",
            "$DP_CONFIG = array('debug' => array(), 'cache' => array());",
            "#$DP_CONFIG['enable_display_errors'] = true;",
            "$DP_CONFIG['debug']['page_log'] = array('enabled' => false, /* c */ 'slow_query_time' => 0.5,);",
        ],
        1 => &[
            "$DB_CONFIG = [];",
            "$DB_CONFIG['host'] = 'db.example.net:3307';",
            "$DB_CONFIG['read'][0]['password'] = 's3cret';",
            "$ENV_CONFIG['set_umask'] = 0000;",
        ],
        2 => &[
            "$CONFIG['app_key'] = <<<'__VAL__'\nab$c\\n\n__VAL__;",
            "$CONFIG['database'] = ['password' => getenv('DG_HOST') ?: 'x', 'dbname' => 'deskpro'];",
            "$CONFIG['env'] = array_merge($opc['env'] ?? [], $CONFIG['env'] ?? []);",
        ],
        _ => &[],
    };
    lines
        .iter()
        .map(|line| (*line).to_owned())
        .filter(|_| choice.chance(85))
        .collect()
}

/// Mostly the ones that hold no arrays, or else PHP stops on nearly every file.
fn variable(choice: &mut Choice) -> String {
    let from = if choice.chance(92) {
        SCALARS
    } else {
        VARIABLES
    };
    format!("${}", choice.one(from))
}

fn place(choice: &mut Choice) -> String {
    let arrays = choice.chance(93);
    let mut text = format!("${}", choice.one(if arrays { ARRAYS } else { VARIABLES }));
    let depth = 1 + if choice.chance(15) {
        choice.below(3)
    } else {
        0
    };
    if depth > 1 {
        text.push_str(choice.one(&["['debug']", "['sub']", "[\"deep\"]"]));
    }
    for _ in 0..depth {
        let key = choice.one(KEYS);
        text.push_str(&format!("[{key}]"));
    }
    text
}

fn literal(choice: &mut Choice) -> String {
    choice
        .one(&[
            "0",
            "1",
            "-1",
            "42",
            "0755",
            "0o17",
            "0x1F",
            "0b101",
            "1_000_000",
            "9223372036854775807",
            "9223372036854775808",
            "0.5",
            "1e3",
            "-0.0",
            ".5",
            "7E-10",
            "1e15",
            "123456789.12345678",
            "true",
            "FALSE",
            "Null",
            "'text'",
            "'it\\'s'",
            "'c:\\xampp\\php\\php.exe'",
            "'back\\\\slash'",
            "\"tab\\tnew\\nline\\x41\\101\\u{e9}\\$\\e\"",
            "\"\\q\\8\"",
            "'0'",
            "'1'",
            "'12abc'",
            "' 7'",
            "'7 '",
            "'1e2'",
            "'0x1A'",
            "''",
            "'0.0'",
            "'é'",
            "\"éé\"",
            "array()",
            "[]",
            "[1, 2, 3]",
            "['k' => 'v', 'n' => ['deep' => true]]",
            "array('a', 5 => 'b', 'c')",
            "<<<EOT\nheredoc $name {$a['host']}\n  more\nEOT",
            "<<<\"X\"\n    indented\n      $b\n    X",
            "<<<'N'\n  raw $x\n  N",
            "__LINE__",
            "basename(__FILE__)",
            "PHP_EOL",
            "PHP_INT_MAX",
            "DIRECTORY_SEPARATOR",
            "E_ALL",
            "E_WARNING | E_NOTICE",
            "M_PI",
            "NAN",
            "INF",
            "basename(__DIR__) === 'x'",
        ])
        .to_owned()
}

fn expression(choice: &mut Choice, depth: usize) -> String {
    if depth == 0 {
        return match choice.below(4) {
            0 => place(choice),
            1 => variable(choice),
            _ => literal(choice),
        };
    }
    let d = depth - 1;
    match choice.below(30) {
        0..=6 => literal(choice),
        7..=9 => place(choice),
        10 => {
            let op = choice.one(&[
                "+", "-", "*", "/", "%", "**", ".", ".", ".", "&", "|", "^", "<<", ">>",
            ]);
            if op == "." || choice.chance(12) {
                return format!("({} {op} {})", expression(choice, d), expression(choice, d));
            }
            let number = choice.one(&["(int)", "(float)", "(bool)", "+(int)"]);
            let right = choice.one(&[
                "3",
                "'7'",
                "2.5",
                "1",
                "' 12'",
                "\"1e1\"",
                "63",
                "-2",
                "PHP_INT_MAX",
                "true",
            ]);
            format!("({number} {} {op} {right})", expression(choice, d))
        }
        11 => {
            let op = choice.one(&["==", "!=", "===", "!==", "<", ">", "<=", ">=", "<=>", "<>"]);
            format!("({} {op} {})", expression(choice, d), expression(choice, d))
        }
        12 => {
            let op = choice.one(&["&&", "||", "and", "or", "xor"]);
            format!("({} {op} {})", expression(choice, d), expression(choice, d))
        }
        13 => format!(
            "({} ? {} : {})",
            expression(choice, d),
            expression(choice, d),
            expression(choice, d)
        ),
        14 => format!("({} ?: {})", expression(choice, d), expression(choice, d)),
        15 => format!("({} ?? {})", place(choice), expression(choice, d)),
        16 => {
            let cast = choice.one(&[
                "int", "float", "string", "bool", "array", "integer", "double", "boolean",
            ]);
            format!("({cast}) {}", expression(choice, d))
        }
        17 => format!("isset({})", place(choice)),
        18 => format!("empty({})", place(choice)),
        19 => format!(
            "{}({})",
            choice.one(&["!", "-(int)", "+(float)", "~(int)", "@", "!", "-"]),
            expression(choice, d)
        ),
        20 => array_literal(choice, d),
        21 => environment(choice),
        22 => interpolation(choice),
        23..=25 => function(choice, d),
        26 => {
            let name = choice.one(CONSTANTS);
            format!("(defined('{name}') ? {name} : {})", expression(choice, d))
        }
        27 => match choice.below(4) {
            0 => format!("(${} = {})", choice.one(VARIABLES), expression(choice, d)),
            1 => format!("${}++", choice.one(VARIABLES)),
            2 => format!("--{}", place(choice)),
            _ => format!("{}++", place(choice)),
        },
        28 => format!(
            "match({}) {{ {} => {}, {}, {} => {}, default => {} }}",
            expression(choice, d),
            expression(choice, 0),
            expression(choice, d),
            literal(choice),
            literal(choice),
            expression(choice, d),
            expression(choice, d)
        ),
        _ => format!("((array) {})[{}]", expression(choice, d), choice.one(KEYS)),
    }
}

fn environment(choice: &mut Choice) -> String {
    choice
        .one(&[
            "getenv('DG_FLAG')",
            "getenv('DG_HOST') ?: 'localhost'",
            "$_SERVER['DG_HOST'] ?? 'x'",
            "(getenv('DG_NUMBER') ?: 3)",
            "(bool) getenv('DG_FLAG')",
            "(getenv('DG_FLAG') ? 'on' : 'off')",
            "(getenv('DG_FLAG') ? 'same' : 'same')",
            "!getenv('DG_FLAG')",
            "getenv('DG_NUMBER') . 'x'",
            "isset($_SERVER['DG_FLAG'])",
        ])
        .to_owned()
}

fn interpolation(choice: &mut Choice) -> String {
    choice
        .one(&[
            "\"$name-$b\"",
            "\"{$a['host']}:{$b}\"",
            "\"$a[host] $a[0]\"",
            "\"${name}x\"",
            "\"\\{$name}\"",
            "\"a{$DP_CONFIG['debug']['dev']}b\"",
            "\"$ name {$name}\"",
            "\"$name[0]$name[-1]\"",
        ])
        .to_owned()
}

fn array_literal(choice: &mut Choice, depth: usize) -> String {
    let mut parts = Vec::new();
    for _ in 0..choice.below(5) {
        parts.push(match choice.below(5) {
            0 | 1 => expression(choice, depth),
            2 | 3 => format!("{} => {}", choice.one(KEYS), expression(choice, depth)),
            _ => format!(
                "...{}",
                choice.one(&[
                    "[1, 2]",
                    "['k' => 1]",
                    "(array) $a",
                    "(array) $list",
                    "[5 => 'x']"
                ])
            ),
        });
    }
    let tail = if choice.chance(40) && !parts.is_empty() {
        ","
    } else {
        ""
    };
    let body = parts.join(choice.one(&[", ", ",\n    ", ", /* , */ "])) + tail;
    if choice.chance(50) {
        format!("[{body}]")
    } else {
        format!("array({body})")
    }
}

fn function(choice: &mut Choice, depth: usize) -> String {
    let x = expression(choice, depth);
    let y = expression(choice, depth);
    let templates = [
        "array_merge((array) X, (array) Y)",
        "array_merge_recursive((array) X, ['k' => Y])",
        "array_replace((array) X, (array) Y)",
        "array_replace_recursive((array) X, ['k' => ['z' => Y]])",
        "array_key_exists('host', (array) X)",
        "in_array(X, [1, '1', 'a', null])",
        "in_array(X, ['a', 0, Y], true)",
        "count((array) X)",
        "implode(',', [1, 'b', 2.5, null])",
        "implode(', ', (array) X)",
        "explode(',', 'a,b,,c', 3)",
        "explode('.', (string) @(X . ''))",
        "trim(\" X \\n\")",
        "rtrim('path//', '/')",
        "ltrim('00x', '0')",
        "str_replace('a', 'b', 'banana')",
        "str_replace(['a', 'b'], ['1'], 'abcab')",
        "sprintf('%s:%d|%05d|%-4s|%x|%\\'', 'a', '12', 7, 'z', 255)",
        "sprintf('%2$s-%1$s', 'a', X . '')",
        "strtolower('ÄBC' . 'D')",
        "strtoupper('abc')",
        "substr('abcdef', -3, 2)",
        "substr(X . 'abc', 1)",
        "strlen(X . '')",
        "str_repeat('ab', 3)",
        "strtr('Hi all', 'ai', 'eo')",
        "intval(X)",
        "intval('12abc')",
        "is_array(X)",
        "is_string(X)",
        "is_int(X)",
        "is_bool(X)",
        "is_null(X)",
        "is_numeric(X)",
        "is_float(X)",
        "json_decode('{\"a\": [1, 2.5, null], \"0\": \"x\", \"b\": {\"c\": true}}', true)",
        "base64_decode('c2VjcmV0')",
        "md5('x' . Y . '')",
        "file_exists(__FILE__)",
        "is_file(__DIR__ . '/nope')",
        "is_dir(__DIR__)",
        "dirname('/a/b/c', 2)",
        "dirname(X . '')",
        "basename('/a/b.php', '.php')",
        "array_keys((array) X)",
        "array_values((array) X)",
        "constant('PHP_EOL')",
        "strpos('haystack', 'st')",
        "str_contains(X . 'abc', 'b')",
        "ucfirst('word')",
        "boolval(X)",
        "floatval(X)",
        "strval(5.0)",
        "realpath(__FILE__) === __FILE__",
        "strlen(file_get_contents(__DIR__ . '/data.txt'))",
        "substr(X . 'q', Y_INT, 2)",
    ];
    let template = templates[choice.below(templates.len())];
    let value = choice.one(&["'v'", "$name", "12", "1.5", "true"]);
    let number = choice.one(&["0", "1", "-1", "5"]);
    let textual =
        template.contains("X . ") || template.contains("Y . ") || template.contains("\" X ");
    let (x, y) = if textual {
        (value.to_owned(), value.to_owned())
    } else {
        (format!("({x})"), format!("({y})"))
    };
    // The operands hold X and Y themselves, so both are marked before either is put in.
    let marked = template
        .replace("Y_INT", number)
        .replace("\" X ", "\" v ")
        .replace('X', "\u{1}")
        .replace('Y', "\u{2}");
    marked.replace('\u{1}', &x).replace('\u{2}', &y)
}

fn block(choice: &mut Choice, depth: usize) -> String {
    let count = 1 + choice.below(2);
    (0..count)
        .map(|_| format!("    {}\n", statement(choice, depth)))
        .collect()
}

fn condition(choice: &mut Choice) -> String {
    match choice.below(6) {
        0 | 1 => environment(choice),
        2 => format!("isset({})", place(choice)),
        3 => format!("!defined('{}')", choice.one(CONSTANTS)),
        4 => choice
            .one(&[
                "true",
                "0",
                "PHP_INT_SIZE == 8",
                "''",
                "file_exists(__FILE__)",
            ])
            .to_owned(),
        _ => expression(choice, 1),
    }
}

fn statement(choice: &mut Choice, depth: usize) -> String {
    if depth > 0 && choice.chance(22) {
        return compound(choice, depth - 1);
    }
    match choice.below(26) {
        0..=6 => format!("{} = {};", place(choice), expression(choice, 2)),
        7 => format!("${}[] = {};", choice.one(ARRAYS), expression(choice, 1)),
        8 => format!("{} = {};", variable(choice), expression(choice, 2)),
        9 => format!("{} .= {};", variable(choice), expression(choice, 1)),
        10 => format!("{} ??= {};", place(choice), expression(choice, 1)),
        11 => format!(
            "{} {} {};",
            variable(choice),
            choice.one(&[".=", ".=", "??=", "+="]),
            choice.one(&["1", "'2'", "3.5", "0x10"])
        ),
        12 => format!(
            "${0} = (array) (${0} ?? null); ${0} += ['host' => {1}, 'extra' => 1];",
            choice.one(ARRAYS),
            expression(choice, 1)
        ),
        13 => format!("unset({});", place(choice)),
        14 | 15 => format!(
            "define('{}', {});",
            choice.one(CONSTANTS),
            expression(choice, 1)
        ),
        16 => {
            let name = choice.one(CONSTANTS);
            format!(
                "defined('{name}') || define('{name}', {});",
                expression(choice, 1)
            )
        }
        17 => {
            let name = choice.one(CONSTANTS);
            format!(
                "if (!defined('{name}')) define('{name}', {});",
                expression(choice, 1)
            )
        }
        18 => {
            let inner = statement(choice, 0);
            match choice.below(3) {
                0 => format!("# {}", inner.replace('\n', " ")),
                1 => format!("/* {} */", inner.replace("*/", "")),
                _ => format!("// {}", inner.replace('\n', " ").replace("?>", "")),
            }
        }
        19 => {
            let key = choice.one(&[
                "display_errors",
                "log_errors",
                "error_log",
                "user_agent",
                "html_errors",
            ]);
            let value = choice.one(&[
                "'1'",
                "0",
                "'On'",
                "true",
                "'php-errors.log'",
                "getenv('DG_HOST') ?: 'y'",
            ]);
            format!(
                "{}('{key}', {value});",
                choice.one(&["ini_set", "@ini_set", "ini_alter"])
            )
        }
        20 => format!(
            "[0 => {}, 'k' => {}] = ['k' => {}, {}];",
            variable(choice),
            place(choice),
            expression(choice, 1),
            expression(choice, 1)
        ),
        21 => format!(
            "list({}, , {}) = {};",
            variable(choice),
            place(choice),
            expression(choice, 1)
        ),
        22 => format!(
            "const {} = {};",
            choice.one(&["DP_X", "DP_C1", "DP_C2"]),
            literal_constant(choice)
        ),
        23 => format!("$opc['env'] = {};", array_literal(choice, 1)),
        24 => choice
            .one(&[
                "$name = 'zed';",
                "$a = $b;",
                "$list = [3, 1, 2];",
                "$b = &$c;",
                "$list[] = 1;",
                "$CONFIG['database_advanced'] = ['read' => $CONFIG['database']];",
                "extract(['a' => 1]);",
                "$x = 'a'; $$x = 5;",
                "sort($list);",
                "echo $name;",
                "error_reporting(E_ALL & ~E_NOTICE);",
                "unknown_thing;",
            ])
            .replace("unknown_thing;", ";"),
        _ => format!("{};", expression(choice, 2)),
    }
}

fn literal_constant(choice: &mut Choice) -> &'static str {
    choice.one(&[
        "1",
        "'x'",
        "[1, 'a' => 2]",
        "0755",
        "1.5",
        "'a' . 'b'",
        "DIRECTORY_SEPARATOR . 'x'",
    ])
}

fn compound(choice: &mut Choice, depth: usize) -> String {
    let c = condition(choice);
    let (x, y, z) = (
        block(choice, depth),
        block(choice, depth),
        block(choice, depth),
    );
    match choice.below(16) {
        0 | 1 => format!("if ({c}) {{\n{x}}} else {{\n{y}}}"),
        2 => format!(
            "if ({c}):\n{x}elseif ({}):\n{y}else:\n{z}endif;",
            condition(choice)
        ),
        3 => format!(
            "if ({c}) {{\n{x}}} elseif ({}) {{\n{y}}} else {{\n{z}}}",
            condition(choice)
        ),
        4 => format!(
            "if ({c}) {{\n{x}}} else if ({}) {{\n{y}}}",
            condition(choice)
        ),
        5 => {
            format!("if ({c}) {}", statement(choice, 0).replace("const ", "//"))
                .replace("//", "define('Q', 1); //")
                + "\n;"
        }
        6 => format!(
            "switch ({}) {{\ncase {}:\n{x}break;\ncase {}:\n{y}default:\n{z}}}",
            expression(choice, 1),
            literal(choice),
            literal(choice)
        ),
        7 => format!(
            "switch ({}):\ndefault:\n{x}break;\ncase '1':\n{y}break;\nendswitch;",
            environment(choice)
        ),
        8 => format!(
            "foreach ([1, 'k' => 'v', {}] as $key => $item) {{\n{x}}}",
            literal(choice)
        ),
        9 => format!(
            "foreach ((array) {} as $item) {{ $list[] = $item; {} }}",
            variable(choice),
            choice.one(&[
                "",
                "if ($item) break;",
                "continue;",
                "if (getenv('DG_FLAG')) break;"
            ])
        ),
        10 => format!("for ($i = 0; $i < {}; $i++) {{\n{x}}}", choice.below(5)),
        11 => format!("$n = 3; while ($n-- > {}) {{\n{x}}}", choice.below(3)),
        12 => format!("do {{\n{x}}} while (false);"),
        13 => format!(
            "if ({c}) {{ {} }}",
            choice.one(&["return;", "exit;", "return ['r' => 1];", "die('x');"])
        ),
        14 => format!(
            "function fn{}() {{ global $b; $b = 9; return 1; }}\n",
            choice.below(100_000)
        ),
        _ => format!("try {{\n{x}}} catch (\\Exception $e) {{\n{y}}}"),
    }
    .replace("const DP", "//const DP")
}
