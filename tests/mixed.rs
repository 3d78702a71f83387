//! Programs of several CPUs in one guest: do they find each other by pipes, signals and `execve`?

mod bounded;
mod debian;

use std::time::Duration;

use bounded::{emu, here, run};
use debian::root;

const LIMIT: Duration = Duration::from_secs(120);

const ALL: [(&str, &str); 7] = [
    ("armhf", "armv7l"),
    ("armel", "armv7l"),
    ("i386", "i686"),
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("mipsel", "mips"),
    ("mips", "mips"),
];

#[test]
fn all_cpus_in_one_guest() {
    let world = tempfile::tempdir().expect("there is room for a directory");
    for (arch, _) in ALL {
        let Some(root) = root(arch, "usr/bin/busybox") else {
            return;
        };
        let folder = world.path().join("bin").join(arch);
        std::fs::create_dir_all(&folder).expect("it can be made");
        std::fs::copy(root.join("usr/bin/busybox"), folder.join("busybox"))
            .expect("it can be copied");
    }
    std::fs::create_dir(world.path().join("tmp")).expect("it can be made");
    let mut expected: String = ALL
        .iter()
        .map(|(arch, machine)| format!("{arch}: {machine}\n"))
        .collect();
    let pairs = ALL.len() * ALL.len();
    expected += &format!(
        "100 99 98 \n{pairs} 4\n{pairs} 5\n{pairs} USR1\n{} handles\n{pairs} ignores\nthe last\n",
        2 * pairs
    );
    for (arch, _) in ALL {
        let traces = ["first", "second"].map(|name| {
            let trace = world.path().join(name);
            let mut emu = emu();
            emu.arg("-o").arg(&trace).arg("--root").arg(world.path());
            emu.arg("--bind")
                .arg(format!("{}:/script", here("tests/mixed/all.sh").display()));
            emu.args([&format!("/bin/{arch}/busybox"), "ash", "/script"]);
            let ended = run(&mut emu, b"", LIMIT);
            assert_eq!(
                (ended.out(), ended.status),
                (expected.clone(), 3),
                "from {arch}: {}",
                ended.err()
            );
            let trace = std::fs::read(trace).expect("there is a trace");
            assert!(!trace.windows(9).any(|part| part == b"<missing>"));
            trace
        });
        assert!(traces[0] == traces[1], "from {arch}: two traces differ");
    }
}
