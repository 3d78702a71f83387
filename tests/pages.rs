//! What is looked at in a browser: pages of runs, and trace events in a reader that others wrote.

mod bounded;
mod browser;
mod compilers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bounded::{complete, emu, here, run};
use browser::Browser;
use compilers::{ARMHF, MIPS, Target, X64, build, installed};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(120);

/// What a run of a program of this folder writes by an option.
fn written(target: &Target, source: &str, option: &str, folder: &Path) -> Option<PathBuf> {
    if !installed(target.compiler) {
        return None;
    }
    let source = here("tests/pages").join(source);
    let program = build(target.compiler, &source).expect("it can be built");
    let out = folder.join("out");
    let ended = run(
        emu().arg("-q").arg(option).arg(&out).arg(program),
        b"",
        LIMIT,
    );
    assert_eq!(ended.status, 0, "{}", ended.err());
    Some(out)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// Whether a PNG has so many colours as only a page with something on it has. Equal pixels make it small.
fn shows_something(picture: &[u8]) -> bool {
    picture.starts_with(b"\x89PNG") && picture.len() > 20_000
}

fn page(target: &Target) {
    let folder = folder();
    let Some(out) = written(target, "tree.c", "--report", folder.path()) else {
        return;
    };
    let html = out.with_extension("html");
    std::fs::rename(out, &html).expect("it can be renamed");
    let Some(browser) = Browser::start() else {
        return;
    };
    browser.open(&html, "");
    browser.wait("document.documentElement.dataset.ready");
    assert_eq!(
        browser.run("return document.title"),
        "/emu/tree – emu report"
    );
    assert!(shows_something(&browser.picture()), "the page is blank");
    let text = |selector: &str| {
        let script = format!("return document.querySelector({selector:?}).textContent");
        browser.run(&script).as_str().unwrap_or_default().to_owned()
    };

    // The time line has a lane for each of the three tasks, and in it the colours of calls.
    assert_eq!(browser.run("return view.lanes.length"), 3);
    let colours = browser.run(
        "const c = document.getElementById('canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
         const all = new Set(); for (let i = 0; i < d.length; i += 4) all.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
         return all.size",
    );
    assert!(colours.as_u64() > Some(8), "{colours}");

    // A table, sorted by names, then the other way round.
    browser.click("#tab-calls");
    assert_eq!(
        browser.run("return document.getElementById('overview').hidden"),
        true
    );
    let first = || text("#calls tbody td");
    assert!(
        first().contains("stat"),
        "most calls are stats, not {}",
        first()
    );
    browser.click("#calls th button");
    let ascending = first();
    browser.click("#calls th button");
    let descending = first();
    assert!(ascending < descending, "{ascending} {descending}");

    // From a path to its events.
    browser.click("#tab-failures");
    let rows = browser.run("return document.querySelectorAll('#failures tbody tr').length");
    assert!(rows.as_u64() > Some(300), "{rows}");
    browser.click("#tab-events-panel");
    browser.write("#search", "file-29");
    browser.wait("document.getElementById('found').textContent.startsWith('11 of')");
    let row = text("#window .row");
    assert!(
        row.contains("\"/tmp/file-29\"") && row.contains("ENOENT"),
        "{row}"
    );
    browser.click("#window .row");
    assert!(text("#detail").contains("/tmp/file-29"));
    browser.click("#filters button[type=reset]");
    browser.wait("!document.getElementById('found').textContent.includes(' of ')");
    browser.run("const s = document.getElementById('kind'); s.value = 'signals'; s.dispatchEvent(new Event('change'))");
    browser.wait("document.getElementById('window').textContent.includes('SIGUSR1')");
    browser.run("const s = document.getElementById('kind'); s.value = ''; s.dispatchEvent(new Event('change'))");

    // The last row is the last event.
    browser.run("const s = document.getElementById('scroller'); s.scrollTop = s.scrollHeight");
    browser
        .wait("document.getElementById('window').lastChild.textContent.includes('exited with 0')");

    browser.click("#tab-processes");
    let tree = text("#processes .tree");
    assert!(
        tree.contains("exited with 3") && tree.contains("1 more thread"),
        "{tree}"
    );

    // What the guest wrote is text, wherever it stands.
    assert_eq!(browser.run("return document.images.length"), 0);
    browser.click("#tab-files");
    let files = text("#files");
    for name in [
        "/tmp/<img src=x onerror=alert(1)>",
        "/tmp/</script><b>\"&'\\n\\x80\\xff",
    ] {
        assert!(files.contains(name), "{name} in {files}");
    }

    // Dark, it is another picture.
    browser.click("#tab-overview");
    let light = browser.picture();
    browser.click("#theme");
    let dark = browser.picture();
    assert!(shows_something(&dark) && light != dark);

    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(browser.fetched(), Vec::<String>::new());
}

#[test]
fn a_page_of_a_run_can_be_looked_at() {
    page(&MIPS);
}

#[test]
fn each_button_and_field_of_a_page_has_a_name() {
    let folder = folder();
    let Some(out) = written(&X64, "tree.c", "--report", folder.path()) else {
        return;
    };
    let html = out.with_extension("html");
    std::fs::rename(out, &html).expect("it can be renamed");
    let Some(browser) = Browser::start() else {
        return;
    };
    browser.open(&html, "");
    browser.wait("document.documentElement.dataset.ready");
    // [HTML-AAM, accessible names: text, aria-label, a label around it]
    let nameless = browser.run(
        "return [...document.querySelectorAll('button, input, select, canvas, [role=tabpanel], [role=table]')]
           .filter((node) => !(node.getAttribute('aria-label') || node.getAttribute('aria-labelledby')
             || node.tagName === 'BUTTON' && node.textContent.trim() || node.labels && node.labels.length))
           .map((node) => node.outerHTML.slice(0, 100))",
    );
    assert_eq!(nameless, Value::Array(Vec::new()));
}

/// The rules of the format for each event, as far as ours use them.   [Trace Event Format, "Event Descriptions"]
fn check_events(target: &Target) {
    let folder = folder();
    let Some(out) = written(target, "tree.c", "--perfetto", folder.path()) else {
        return;
    };
    let text = std::fs::read(&out).expect("it was written");
    let told: Value = serde_json::from_slice(&text).expect("it is JSON");
    let events = told["traceEvents"].as_array().expect("a list of events");
    let mut names = BTreeMap::new();
    let mut last: BTreeMap<i64, f64> = BTreeMap::new();
    let mut arrows: BTreeMap<(i64, &str), f64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for event in events {
        let phase = event["ph"].as_str().expect("each has a phase");
        let number = |key: &str| event[key].as_f64();
        let (process, task) = (event["pid"].as_i64(), event["tid"].as_i64());
        let (Some(process), Some(task), Some(name)) = (process, task, event["name"].as_str())
        else {
            panic!("{event} belongs to nobody");
        };
        seen.insert(phase);
        match phase {
            "M" => {
                let label = event["args"]["name"].as_str().expect("a name");
                names.insert((name, process, task), label.to_owned());
            }
            "X" => {
                let (start, took) = (
                    number("ts").expect("a start"),
                    number("dur").expect("a duration"),
                );
                // Calls of one task come one after the other.
                let before = last.insert(task, start + took).unwrap_or(0.0);
                assert!(
                    start >= before && took > 0.0,
                    "{event} begins before {before}"
                );
                assert!(event["args"]["args"].is_string() && event["args"]["result"].is_string());
            }
            "i" => {
                assert!(
                    number("ts").is_some() && matches!(event["s"].as_str(), Some("t" | "p" | "g"))
                );
            }
            "s" | "f" => {
                let id = event["id"].as_i64().expect("an arrow has a number");
                arrows.insert((id, phase), number("ts").expect("a time"));
            }
            other => panic!("there is no phase {other} in a run that was not cut"),
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from(["M", "X", "i", "s", "f"]),
        "{}",
        target.name
    );
    // Two processes, and a thread.
    assert_eq!(names[&("process_name", 1000, 1000)], "/emu/tree");
    assert_eq!(
        names
            .keys()
            .filter(|(what, ..)| *what == "process_name")
            .count(),
        2
    );
    assert_eq!(
        names
            .keys()
            .filter(|(what, ..)| *what == "thread_name")
            .count(),
        3
    );
    assert_eq!(arrows.len(), 4, "each of two tasks is made by one call");
    for ((id, phase), time) in &arrows {
        assert!(*phase == "s" || arrows[&(*id, "s")] <= *time);
    }
    let signal = events
        .iter()
        .find(|event| event["name"] == "SIGUSR1")
        .expect("it came");
    assert_eq!(
        signal["args"]["info"],
        "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=1000, si_uid=0}"
    );
}

#[test]
fn trace_events_keep_the_rules_of_their_format() {
    for target in [&ARMHF, &MIPS, &X64] {
        check_events(target);
    }
}

#[test]
fn trace_events_of_a_run_that_was_cut_are_whole() {
    if !installed(X64.compiler) {
        return;
    }
    let folder = folder();
    let out = folder.path().join("out");
    let program = build(X64.compiler, &here("tests/pages/tree.c")).expect("it can be built");
    let mut command = emu();
    command
        .args(["-q", "--max-instructions", "20000", "--perfetto"])
        .arg(&out);
    let ended = run(command.arg(program), b"", LIMIT);
    assert_eq!(ended.status, 124, "{}", ended.err());
    let told: Value =
        serde_json::from_slice(&std::fs::read(&out).expect("it was written")).expect("it is JSON");
    let events = told["traceEvents"].as_array().expect("a list of events");
    assert!(
        events.iter().any(|event| event["cat"] == "note"),
        "it says why it ended"
    );
}

/// Where npm puts programs for all.
fn speedscope() -> Option<PathBuf> {
    let root = Command::new("npm").args(["root", "--global"]).output().ok();
    let root = root.and_then(|output| String::from_utf8(output.stdout).ok());
    let page = Path::new(root?.trim()).join("speedscope/dist/release/index.html");
    page.exists().then_some(page)
}

#[test]
fn speedscope_reads_trace_events_and_shows_whose_they_are() {
    let Some(reader) = speedscope() else {
        assert!(!complete(), "speedscope is not installed");
        println!("left out: speedscope is not installed");
        return;
    };
    let folder = folder();
    let Some(out) = written(&ARMHF, "tree.c", "--perfetto", folder.path()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    // A page of the file system may take files as scripts only; the command `speedscope` does it like that.
    let script = folder.path().join("profile.js");
    let events = STANDARD.encode(std::fs::read(out).expect("it was written"));
    std::fs::write(
        &script,
        format!("speedscope.loadFileFromBase64('run.json', '{events}')"),
    )
    .expect("it can be written");
    browser.open(&reader, &format!("#localProfilePath={}", script.display()));
    browser.wait("document.body.innerText.includes('(1/3)')");
    let shown = browser.run("return document.body.innerText");
    let shown = shown.as_str().unwrap_or_default();
    assert!(
        shown.contains("/emu/tree (pid 1000), tree (tid 1000) (1/3)"),
        "{shown}"
    );
    assert!(shows_something(&browser.picture()), "nothing is drawn");
}
