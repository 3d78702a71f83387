//! Programs that nobody here wrote: Debian's busybox, and dynamically linked ones under `--root`.
//!
//! `guest-images/roots` fetches the roots into target/roots (or $EMU_ROOTS). A root that is not there is left out, and said
//! so; where `CI=true` it must be there. What a program must print comes from the host's own tools or is written down.

mod bounded;
mod debian;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, emu, run};
use debian::root;

const LIMIT: Duration = Duration::from_secs(120);

/// Calls that nobody serves yet and that these programs do without: the C library asks the name service of the machine
/// for names of users, and bash whether its input is a socket.
const MAY_BE_MISSING: &[&str] = &[];

/// Files for the programs to work on.
struct Data {
    folder: tempfile::TempDir,
    /// What file `text` holds.
    text: String,
}

fn host(program: &str, args: &[&str], folder: &Path) -> Ended {
    let ended = run(
        Command::new(program)
            .args(args)
            .current_dir(folder)
            .env("LC_ALL", "C"),
        b"",
        LIMIT,
    );
    assert_eq!(
        ended.status,
        0,
        "{program} {args:?} on the host: {}",
        ended.err()
    );
    ended
}

impl Data {
    fn new() -> Data {
        let folder = tempfile::tempdir().expect("there is room for a directory");
        let mut text = String::new();
        // Words in no order, and enough of them for several reads.
        let mut state = 12345u32;
        for line in 0..3000 {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let _ = writeln!(text, "{} word{} {line}", state >> 16, state % 97);
        }
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("text"), &text).expect("it can be written");
        std::fs::write(at("short"), "one\ntwo\nthree\n").expect("it can be written");
        std::fs::create_dir(at("dir")).expect("it can be made");
        std::fs::write(at("dir/inner"), "inner\n").expect("it can be written");
        std::os::unix::fs::symlink("text", at("link")).expect("it can be made");
        host("gzip", &["-n", "-k", "text"], folder.path());
        host(
            "tar",
            &["--format=ustar", "-cf", "some.tar", "text", "short", "dir"],
            folder.path(),
        );
        Data { folder, text }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The columns of a line of awk(1).
    fn sum(&self) -> u64 {
        let first = |line: &str| {
            line.split(' ')
                .next()
                .and_then(|word| word.parse::<u64>().ok())
        };
        self.text.lines().filter_map(first).sum()
    }

    fn sorted(&self) -> String {
        let mut lines: Vec<&str> = self.text.lines().collect();
        lines.sort_unstable();
        lines.join("\n") + "\n"
    }
}

/// What a program must print.
enum Prints<'a> {
    /// This.
    All(&'a str),
    /// Among other lines, lines with these words in this order.
    Lines(&'a [&'a [&'a str]]),
    /// An archive with this in it, which the host's tar finds.
    Archive(&'a str),
}

struct Session<'a> {
    arch: &'a str,
    root: PathBuf,
    /// Whether the root is the guest's; without it the program is a file of the host.
    inside: bool,
    data: &'a Data,
    wrong: String,
}

impl Session<'_> {
    fn command(&self, trace: &Path, line: &[&str]) -> Command {
        let mut command = emu();
        command.arg("-o").arg(trace).arg("--bind");
        command.arg(format!("{}:/data", self.data.path().display()));
        if self.inside {
            command.arg("--root").arg(&self.root).arg(line[0]);
        } else {
            command.arg(self.root.join(line[0].trim_start_matches('/')));
        }
        command.args(&line[1..]);
        command
    }

    /// Runs a program twice: what it prints, and that both traces are whole, and the same.
    fn check(&mut self, line: &[&str], input: &str, prints: &Prints<'_>) {
        let shown = format!("{} {}", self.arch, line.join(" "));
        let shown: String = shown.chars().take(120).collect();
        let traces = tempfile::tempdir().expect("there is room for a directory");
        let mut runs = Vec::new();
        for name in ["first", "second"] {
            let path = traces.path().join(name);
            let ended = run(&mut self.command(&path, line), input.as_bytes(), LIMIT);
            let trace = std::fs::read(&path).unwrap_or_default();
            runs.push((ended, trace));
        }
        let (ended, trace) = &runs[0];
        let trace = String::from_utf8_lossy(trace);
        let mut wrong = |what: &str| {
            let _ = writeln!(self.wrong, "{shown}: {what}");
        };
        if ended.status != 0 {
            let end: Vec<&str> = trace.lines().rev().take(6).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            wrong(&format!(
                "status {}; {}; {}",
                ended.status,
                ended.err().trim_end(),
                end.join("\n    ")
            ));
            return;
        }
        let out = ended.out() + &ended.err();
        match prints {
            Prints::All(text) if out == **text => {}
            Prints::All(text) => {
                let at = text
                    .bytes()
                    .zip(out.bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                let cut = |text: &str| {
                    String::from_utf8_lossy(&text.as_bytes()[at..])
                        .chars()
                        .take(200)
                        .collect::<String>()
                };
                wrong(&format!(
                    "from byte {at} on it prints {:?}, not {:?}",
                    cut(&out),
                    cut(text)
                ));
            }
            Prints::Lines(lines) => {
                for words in *lines {
                    if !out.lines().any(|line| in_order(line, words)) {
                        wrong(&format!("no line has {words:?}:\n{out}"));
                    }
                }
            }
            Prints::Archive(names) => {
                let path = traces.path().join("archive");
                std::fs::write(&path, &ended.stdout).expect("it can be written");
                let found = host("tar", &["-tf", "archive"], traces.path()).out();
                if found != **names {
                    wrong(&format!("its archive has {found:?}, not {names:?}"));
                }
            }
        }
        match trace.lines().next() {
            None => wrong("its trace is empty"),
            Some(line) if line.starts_with("exec") => {
                wrong(&format!("its trace begins with {line}"))
            }
            Some(_) => {}
        }
        if trace.lines().last() != Some("+++ exited with 0 +++") {
            wrong(&format!("its trace ends with {:?}", trace.lines().last()));
        }
        for line in trace.lines().filter(|line| line.contains("<missing>")) {
            let name = line.split('(').next().unwrap_or(line);
            if !MAY_BE_MISSING.contains(&name) {
                wrong(&format!("nobody serves {line}"));
            }
        }
        if runs[0] != runs[1] {
            let again = String::from_utf8_lossy(&runs[1].1).into_owned();
            let pair = trace.lines().zip(again.lines()).find(|(a, b)| a != b);
            wrong(&format!("two runs differ: {pair:?}"));
        }
    }
}

/// Whether a line has all these words, one behind the other.
fn in_order(line: &str, words: &[&str]) -> bool {
    let mut rest = line;
    words.iter().all(|word| match rest.find(word) {
        Some(at) => {
            rest = &rest[at + word.len()..];
            true
        }
        None => false,
    })
}

fn busybox(arch: &str) {
    let Some(root) = root(arch, "usr/bin/busybox") else {
        return;
    };
    let data = Data::new();
    let mut session = Session {
        arch,
        root,
        inside: false,
        data: &data,
        wrong: String::new(),
    };
    let box_ = "/usr/bin/busybox";
    let sum = host("md5sum", &["text"], data.path())
        .out()
        .replace(" text", " /data/text");
    let size = data.text.len().to_string();
    let all: &[(&[&str], &str, Prints<'_>)] = &[
        (
            &[box_, "ls", "-la", "/data"],
            "",
            Prints::Lines(&[
                &["-rw-r--r--", &size, "text"],
                &["-rw-r--r--", " 14 ", "short"],
                &["drwxr-xr-x", "dir"],
                &["lrwxrwxrwx", "link -> text"],
            ]),
        ),
        (
            &[box_, "ls", "-la"],
            "",
            Prints::Lines(&[&["drwx", " data"], &["drwx", " tmp"], &["dr", " proc"]]),
        ),
        (&[box_, "cat", "/data/text"], "", Prints::All(&data.text)),
        (&[box_, "cat"], &data.text, Prints::All(&data.text)),
        (&[box_, "md5sum", "/data/text"], "", Prints::All(&sum)),
        (
            &[box_, "sort", "/data/text"],
            "",
            Prints::All(&data.sorted()),
        ),
        (
            &[
                box_,
                "awk",
                "{ s += $1 } END { printf \"%d %.3f\\n\", s, s / 7 }",
                "/data/text",
            ],
            "",
            Prints::All(&format!("{} {:.3}\n", data.sum(), data.sum() as f64 / 7.0)),
        ),
        (
            &[box_, "sed", "-n", "s/^t\\(.*\\)$/T\\1!/p", "/data/short"],
            "",
            Prints::All("Two!\nThree!\n"),
        ),
        (
            &[box_, "tar", "cf", "-", "-C", "/data", "short", "dir"],
            "",
            Prints::Archive("short\ndir/\ndir/inner\n"),
        ),
        (
            &[box_, "tar", "tf", "/data/some.tar"],
            "",
            Prints::All("text\nshort\ndir/\ndir/inner\n"),
        ),
        (
            &[box_, "tar", "xOf", "/data/some.tar", "dir/inner"],
            "",
            Prints::All("inner\n"),
        ),
        (
            &[box_, "gunzip", "-c", "/data/text.gz"],
            "",
            Prints::All(&data.text),
        ),
        (
            &[box_, "vi", "--help"],
            "",
            Prints::Lines(&[&["BusyBox v1."], &["Usage: vi [-c CMD]"], &["Edit FILE"]]),
        ),
        (
            &[box_, "ash", "-c", "echo $((1+2))"],
            "",
            Prints::All("3\n"),
        ),
        (
            &[
                box_,
                "ash",
                "-c",
                "cd /tmp; echo a >f; echo b >>f; while read x; do echo \"<$x>\"; done <f; for i in *; do echo $i; done; \
                 test -f f && echo yes; printf '%05d %s\\n' 42 \"$HOME\"; umask; pwd",
            ],
            "",
            Prints::All("<a>\n<b>\nf\nyes\n00042 /\n0022\n/tmp\n"),
        ),
    ];
    for (line, input, prints) in all {
        session.check(line, input, prints);
    }
    assert!(session.wrong.is_empty(), "{}", session.wrong);
}

fn dynamic(arch: &str) {
    let Some(root) = root(arch, "usr/bin/gawk") else {
        return;
    };
    let data = Data::new();
    let mut sql =
        String::from("CREATE TABLE t(id INTEGER PRIMARY KEY, word TEXT, n INTEGER);\nBEGIN;\n");
    for n in 0..10_000u64 {
        let _ = writeln!(
            sql,
            "INSERT INTO t(word, n) VALUES('word {n}', {});",
            n * n % 1009
        );
    }
    sql.push_str(
        "COMMIT;\nCREATE INDEX byn ON t(n);\nSELECT count(*), sum(n), max(word) FROM t;\n",
    );
    sql.push_str("SELECT count(*) FROM t WHERE n = 4;\nPRAGMA integrity_check;\n");
    let n: Vec<u64> = (0..10_000u64).map(|n| n * n % 1009).collect();
    let answers = format!(
        "10000|{}|word 9999\n{}\nok\n",
        n.iter().sum::<u64>(),
        n.iter().filter(|n| **n == 4).count()
    );
    let sha = host("sha256sum", &["text"], data.path())
        .out()
        .replace(" text", " /data/text");
    let digest = format!(
        "SHA2-256(/data/text)= {}\n",
        sha.split(' ').next().expect("a digest")
    );
    let hits: String = data
        .text
        .lines()
        .filter(|line| line.contains("word7 "))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut session = Session {
        arch,
        root,
        inside: true,
        data: &data,
        wrong: String::new(),
    };
    let all: &[(&[&str], &str, Prints<'_>)] = &[
        (
            &["/bin/ls", "/data"],
            "",
            Prints::All("dir\nlink\nshort\nsome.tar\ntext\ntext.gz\n"),
        ),
        (
            &["/bin/ls", "-la", "/"],
            "",
            Prints::Lines(&[
                &["bin -> usr/bin"],
                &["drwx", " etc"],
                &["drwxrwxrwt", " tmp"],
            ]),
        ),
        (
            &["/bin/ls", "-l", "/data/short"],
            "",
            Prints::Lines(&[&["-rw-r--r--", " 14 ", "/data/short"]]),
        ),
        (
            &["/bin/cat", "/data/text", "/data/short"],
            "",
            Prints::All(&format!("{}one\ntwo\nthree\n", data.text)),
        ),
        (&["/usr/bin/sha256sum", "/data/text"], "", Prints::All(&sha)),
        (
            &["/bin/grep", "word7 ", "/data/text"],
            "",
            Prints::All(&hits),
        ),
        (
            &[
                "/bin/grep",
                "-c",
                "-E",
                "^[0-9]+ (word1|word22) ",
                "/data/text",
            ],
            "",
            Prints::All(&format!(
                "{}\n",
                data.text
                    .lines()
                    .filter(|l| l.contains(" word1 ") || l.contains(" word22 "))
                    .count()
            )),
        ),
        (
            &[
                "/usr/bin/gawk",
                "{ s += $1 } END { printf \"%d %.3f %.6f\\n\", s, s / 7, exp(1) }",
                "/data/text",
            ],
            "",
            Prints::All(&format!(
                "{} {:.3} 2.718282\n",
                data.sum(),
                data.sum() as f64 / 7.0
            )),
        ),
        (
            &["/usr/bin/sqlite3", "/tmp/test.db"],
            &sql,
            Prints::All(&answers),
        ),
        (
            &[
                "/usr/bin/lua5.4",
                "-e",
                "local t = {} for i = 1, 1000 do t[#t + 1] = i * i end print(#t, t[1000], string.format('%.14g %q', 1 / 3, 'a\\n'), \
             math.maxinteger, 2^53, ('x'):rep(3))",
            ],
            "",
            Prints::All(
                "1000\t1000000\t0.33333333333333 \"a\\\n\"\t9223372036854775807\t9.007199254741e+15\txxx\n",
            ),
        ),
        (
            &[
                "/usr/bin/python3",
                "-c",
                "import hashlib, os, struct\nprint(sum(range(1000)), 2**100, 0.1 + 0.2, hashlib.sha256(b'abc').hexdigest()[:16])\n\
             print(sorted({'b': 1, 'a': 2}.items()), struct.pack('>d', 1.5).hex(), os.getcwd(), sorted(os.listdir('/data')))\n\
             open('/tmp/x', 'w').write('hello')\nprint(open('/tmp/x').read(), os.stat('/tmp/x').st_size)",
            ],
            "",
            Prints::All(
                "499500 1267650600228229401496703205376 0.30000000000000004 ba7816bf8f01cfea\n\
                         [('a', 2), ('b', 1)] 3ff8000000000000 / ['dir', 'link', 'short', 'some.tar', 'text', 'text.gz']\n\
                         hello 5\n",
            ),
        ),
        (
            &[
                "/usr/bin/perl",
                "-e",
                "my %h; open(F, '<', '/data/text') or die $!; while (<F>) { my @w = split; $h{$w[1]}++ } \
             printf \"%d %.10f %s\\n\", scalar(keys %h), atan2(1, 1) * 4, join(',', map { sprintf '%x', $_ } (255, 4096));",
            ],
            "",
            Prints::All("97 3.1415926536 ff,1000\n"),
        ),
        (
            &["/usr/bin/openssl", "dgst", "-sha256", "/data/text"],
            "",
            Prints::All(&digest),
        ),
        (
            &[
                "/bin/dash",
                "-c",
                "echo $((6*7)); read a b < /data/text; test -n \"$b\" && echo ${b#* }",
            ],
            "",
            Prints::All("42\n0\n"),
        ),
        (
            &[
                "/bin/bash",
                "-c",
                "a=(1 2 3); echo ${a[@]:1} ${#a[@]} $((2**40)); [[ abc =~ b ]] && echo match",
            ],
            "",
            Prints::All("2 3 3 1099511627776\nmatch\n"),
        ),
        (
            &["/bin/sed", "-n", "$p", "/data/short"],
            "",
            Prints::All("three\n"),
        ),
    ];
    for (line, input, prints) in all {
        session.check(line, input, prints);
    }
    assert!(session.wrong.is_empty(), "{}", session.wrong);
}

#[test]
fn busybox_of_armhf() {
    busybox("armhf");
}

#[test]
fn busybox_of_armel() {
    busybox("armel");
}

#[test]
fn busybox_of_i386() {
    busybox("i386");
}

#[test]
fn busybox_of_amd64() {
    busybox("amd64");
}

#[test]
fn busybox_of_mipsel() {
    busybox("mipsel");
}

#[test]
fn busybox_of_arm64() {
    busybox("arm64");
}

#[test]
fn dynamic_programs_of_armhf() {
    dynamic("armhf");
}

#[test]
fn dynamic_programs_of_mipsel() {
    dynamic("mipsel");
}

#[test]
fn dynamic_programs_of_i386() {
    dynamic("i386");
}

#[test]
fn dynamic_programs_of_amd64() {
    dynamic("amd64");
}

#[test]
fn dynamic_programs_of_arm64() {
    dynamic("arm64");
}

#[test]
fn dynamic_programs_of_armel() {
    dynamic("armel");
}
