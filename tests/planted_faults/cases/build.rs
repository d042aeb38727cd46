//! The build: its age, and whether the files on disk are of one.

use crate::accounts::OWNER;
use crate::case::{Case, fails, unknown};
use crate::hardened::Kind::{Container, V4, V5};

const CURRENT: &str = "server/product-current";
const TIME: &str = "app/sys/config/build-time.php";

pub(super) const CASES: &[Case] = &[
    fails(
        "an old build",
        V4,
        CURRENT,
        &["(built 2013-02-01)", "{root}/app/sys/config/build-time.php"],
        |it| {
            it.rewrite(TIME, "<?php define(\"DP_BUILD_TIME\", 1359676800);\n");
            it.rewrite(
                "app/sys/Resources/distro-checksums.php",
                crate::hardened::v4::checksum_list(it),
            );
        },
    ),
    unknown(
        "a tree that was never built",
        V4,
        CURRENT,
        &["build"],
        |it| {
            it.remove(TIME);
        },
    )
    .also(&["files/app-unmodified"]),
    fails(
        "an old build in v5",
        V5,
        CURRENT,
        &[
            "build 500 (built 2017-07-14)",
            "{data}/var/cache/active_build.txt",
        ],
        |it| {
            it.rewrite(
                "app/500/sys/config/build-info.php",
                "<?php return ['build-time' => 1500000000];\n",
            );
        },
    ),
    fails(
        "the loader of another build",
        V5,
        CURRENT,
        &["build 500", "files of another build are mixed in"],
        |it| {
            it.rewrite("app/run/build-num.txt", "490\n");
        },
    ),
    fails(
        "a build that is half gone",
        V5,
        CURRENT,
        &["build 490 (built 2017-07-14)"],
        |it| {
            it.rewrite("data:var/cache/active_build.txt", "490\n");
            it.rewrite("app/run/build-num.txt", "490\n");
        },
    ),
    fails(
        "a build that is not there",
        V5,
        CURRENT,
        &["build 777 (built unknown), and files of another build are mixed in"],
        |it| {
            it.rewrite("data:var/cache/active_build.txt", "777\n");
        },
    ),
    // Nothing is wrong with the files, and the database is not here to agree.
    unknown(
        "an older build beside it",
        V5,
        CURRENT,
        &["its database is not connected to"],
        |it| {
            it.dir("app/480", OWNER, 0o755);
        },
    ),
    unknown(
        "a build that leads elsewhere",
        V5,
        CURRENT,
        &["names no build"],
        |it| {
            it.rewrite("data:var/cache/active_build.txt", "../../etc\n");
        },
    ),
    fails(
        "an old image",
        Container,
        CURRENT,
        &["build 2019.1.0 (built 2019-05-06)", "/etc/deskpro-release"],
        |it| {
            it.rewrite(
                "host:etc/deskpro-release",
                "DESKPRO_VERSION=2019.1.0\nDESKPRO_BUILD_DATE=2019-05-06T00:00:00Z\n",
            );
        },
    ),
    unknown(
        "an image that does not say",
        Container,
        CURRENT,
        &["/etc/deskpro-release is not there"],
        |it| {
            it.remove("host:etc/deskpro-release");
        },
    ),
];
