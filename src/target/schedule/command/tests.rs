//! The wrappings in which sites schedule the product.

use super::*;

fn at(command: &str, root: &str) -> Vec<(bool, Option<String>)> {
    let setting = Setting {
        directory: None,
        variables: &BTreeMap::from([("ROOT".to_owned(), root.to_owned())]),
        is_root: &|directory| directory == Path::new(root),
    };
    let found = read_text(command, setting).product.into_iter();
    found.map(|p| (p.kind.updates, p.user)).collect()
}

#[test]
fn product_commands_in_all_their_wrappings() {
    let cases: &[(&str, bool, Option<&str>)] = &[
        ("php /d/cron.php", true, None),
        (
            "/usr/bin/php8.2 -q -d memory_limit=1G -f /d/cron.php >/dev/null 2>&1",
            true,
            None,
        ),
        ("cd /d && php cron.php", true, None),
        ("cd /d;php ./cron.php", true, None),
        (
            "cd '/d' && /usr/bin/env php \"cron.php\" >> /var/log/x 2>&1",
            true,
            None,
        ),
        ("/d/bin/cron", true, None),
        ("/usr/bin/php /d/bin/cron --no-auto-updater", false, None),
        ("/usr/bin/php /d/bin/cron --auto-updater", true, None),
        ("A=1 B='x y' php $ROOT/cron.php", true, None),
        ("sudo -u deskpro php /d/cron.php", true, Some("deskpro")),
        (
            "sudo -nu deskpro -E X=1 php /d/cron.php",
            true,
            Some("deskpro"),
        ),
        (
            "sudo -n -udeskpro -- php /d/cron.php",
            true,
            Some("deskpro"),
        ),
        ("sudo php /d/cron.php", true, Some("root")),
        (
            "sudo --user=deskpro -g www php /d/cron.php",
            true,
            Some("deskpro"),
        ),
        (
            "su -s /bin/sh deskpro -c 'cd /d && php cron.php'",
            true,
            Some("deskpro"),
        ),
        (
            "su - deskpro -c \"php /d/bin/cron --no-auto-updater\"",
            false,
            Some("deskpro"),
        ),
        (
            "su -c 'php /d/cron.php' -s /bin/bash www-data",
            true,
            Some("www-data"),
        ),
        (
            "runuser -u deskpro -- php /d/cron.php",
            true,
            Some("deskpro"),
        ),
        (
            "runuser -l deskpro -c 'php /d/cron.php'",
            true,
            Some("deskpro"),
        ),
        (
            "setpriv --reuid=deskpro --regid deskpro --init-groups /d/bin/cron",
            true,
            Some("deskpro"),
        ),
        ("setpriv --reuid 1001 php /d/cron.php", true, Some("1001")),
        (
            "flock -n /tmp/l timeout -k 5 300 nice -n 10 ionice -c3 php /d/cron.php",
            true,
            None,
        ),
        ("flock -w 5 /tmp/l -c 'php /d/cron.php'", true, None),
        ("nice -19 php /d/cron.php", true, None),
        ("bash -lc 'cd /d; exec php bin/cron'", true, None),
        ("/bin/sh /d/app/bin/deskpro-cron-runner.sh", true, None),
        ("gosu dp_app php /d/bin/cron", true, Some("dp_app")),
        ("while true; do php /d/bin/cron; sleep 60; done", true, None),
        ("[ -d /d ] && php /d/cron.php || true", true, None),
        ("env -u X -C /d A=1 php cron.php", true, None),
        (
            "sudo -u deskpro sh -c 'sudo -u www-data php /d/cron.php'",
            true,
            Some("www-data"),
        ),
        ("php /d/../d/./cron.php", true, None),
        ("php /d/upgrade.php", true, None),
        ("/usr/local/sbin/tasksd", false, None),
    ];
    for (command, updates, user) in cases {
        let expected = vec![(*updates, user.map(str::to_owned))];
        assert_eq!(at(command, "/d"), expected, "{command}");
    }
}

#[test]
fn what_is_not_the_product() {
    for command in [
        "php /e/cron.php",
        "php /d/other.php",
        "php /d/sub/cron.php",
        "echo php /d/cron.php",
        "# php /d/cron.php",
        "cat /d/bin/cron",
        "php -r 'x' /d/cron.php",
        "/usr/sbin/cron -f",
        "",
    ] {
        assert_eq!(at(command, "/d"), vec![], "{command}");
        assert_eq!(is_product_command(command, Path::new("/d")), None);
    }
    let setting = Setting {
        directory: None,
        variables: &BTreeMap::new(),
        is_root: &|_| true,
    };
    for command in [
        "php cron.php",
        "php $X/cron.php",
        "cd && bin/cron",
        "~/bin/cron",
    ] {
        let reading = read_text(command, setting);
        assert_eq!(reading.unclear.len(), 1, "{command}");
        assert!(reading.product.is_empty());
    }
}
