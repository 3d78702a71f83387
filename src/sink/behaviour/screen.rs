//! How is a behaviour shown on a terminal?

use std::fmt::Write as _;

use crate::sink::ledger::{Told, told};

/// Lines that are shown of a list.
const LINES: usize = 10;
/// Lines that show one suspicious act.
const EVIDENCE: usize = 3;
/// The most columns that a name takes before what is said of it.
const COLUMN: usize = 40;

/// The screen. Parts that have nothing to say are left out.
pub(super) fn screen(told: &Told) -> String {
    let mut out = Screen(String::new());
    out.head(told);
    out.findings(told);
    out.programs(told);
    out.processes(told);
    out.network(told);
    out.files(told);
    out.windows(told);
    out.rest(told);
    out.0
}

struct Screen(String);

/// `0.000012`
fn seconds(nanos: u64) -> String {
    let micros = nanos / 1000;
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// `1 byte`, `2 bytes`
fn count(number: u64, what: &str) -> String {
    let many = match what {
        "process" => "processes",
        "byte" => "bytes",
        "task" => "tasks",
        "call" => "calls",
        other => other,
    };
    format!("{number} {}", if number == 1 { what } else { many })
}

/// A name and how often, when that was more than once.
fn often(name: &str, count: u64) -> String {
    match count {
        1 => name.to_owned(),
        count => format!("{name} ({count} times)"),
    }
}

impl Screen {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.0, "{:1$}{text}", "", 2 * depth);
    }

    /// A part of the screen.
    fn part(&mut self, title: &str, lines: &[String], more: u64) {
        if lines.is_empty() {
            return;
        }
        let _ = writeln!(self.0, "\n{title}");
        for line in lines.iter().take(LINES) {
            self.line(1, line);
        }
        let left = lines.len().saturating_sub(LINES) as u64 + more;
        if left > 0 {
            self.line(1, &format!("and {left} more"));
        }
    }

    fn head(&mut self, told: &Told) {
        let processes = told.tasks.iter().filter(|task| task.task == task.process);
        let parts = [
            count(processes.count() as u64, "process"),
            count(told.tasks.len() as u64 + told.more_tasks, "task"),
            count(told.calls, "call"),
            format!("{} s", seconds(told.time)),
        ];
        let _ = writeln!(
            self.0,
            "{} ({}): {}",
            told.program,
            told.profile,
            parts.join(", ")
        );
    }

    fn findings(&mut self, told: &Told) {
        if told.findings.is_empty() {
            return;
        }
        let _ = writeln!(self.0, "\nSuspicious");
        for finding in &told.findings {
            self.line(1, &often(finding.what, finding.count));
            for shown in finding.evidence.iter().take(EVIDENCE) {
                let time = seconds(shown.time);
                self.line(2, &format!("task {} at {time}: {}", shown.task, shown.line));
            }
            let shown = finding.evidence.len().min(EVIDENCE) as u64;
            if finding.count > shown {
                self.line(2, &format!("and {} more", finding.count - shown));
            }
        }
    }

    fn programs(&mut self, told: &Told) {
        let line = |program: &told::Program| {
            let mut line = format!("{} {}", program.task, program.path);
            // The first word is the program's name for itself.
            for word in program.argv.iter().skip(1) {
                let bare = !word.is_empty() && !word.contains([' ', '"']);
                let _ = match bare {
                    true => write!(line, " {word}"),
                    false => write!(line, " \"{}\"", word.replace('"', "\\\"")),
                };
            }
            line
        };
        let lines: Vec<String> = told.programs.iter().map(line).collect();
        self.part("Programs started", &lines, told.more_programs);
    }

    fn processes(&mut self, told: &Told) {
        if told.tasks.len() < 2 {
            return;
        }
        let line = |task: &told::Task| {
            let kind = match (task.task == task.process, task.parent) {
                (false, _) => format!("thread of {}", task.process),
                (true, Some(parent)) => format!("child of {parent}"),
                (true, None) => "the first".to_owned(),
            };
            let how = match task.how.as_str() {
                "" => "did not end",
                how => how,
            };
            format!(
                "{} {}, {kind}, {}, {how}",
                task.task,
                task.program,
                count(task.calls, "call")
            )
        };
        let lines: Vec<String> = told.tasks.iter().map(line).collect();
        self.part("Tasks", &lines, told.more_tasks);
    }

    fn network(&mut self, told: &Told) {
        let hosts = told
            .hosts
            .iter()
            .map(|host| format!("asks for {}", often(&host.name, host.count)));
        let socket = |socket: &told::Socket| {
            let mut line = format!("{} {}", socket.kind, socket.role);
            let ends = match (socket.role, &socket.bound) {
                ("listens" | "bound", Some(bound)) => format!("at {bound}"),
                _ => socket.peers.join(", "),
            };
            let _ = write!(line, " {ends}");
            if socket.sent + socket.received > 0 {
                let sent = count(socket.sent, "byte");
                let _ = write!(line, ": {sent} sent, {} received", socket.received);
            }
            line
        };
        let sockets = told.sockets.iter().filter(|socket| !socket.role.is_empty());
        let lines: Vec<String> = hosts.chain(sockets.map(socket)).collect();
        self.part("Network", &lines, told.more_sockets);
    }

    fn files(&mut self, told: &Told) {
        let line = |file: &told::File| {
            let mut parts = Vec::new();
            if !file.made.is_empty() {
                parts.push(file.made.clone());
            }
            if file.writings > 0 {
                parts.push(format!("{} written", count(file.written, "byte")));
            } else if file.writes {
                parts.push("opened to be written".to_owned());
            }
            if file.reads > 0 {
                parts.push(format!("{} read", count(file.read, "byte")));
            }
            if let Some(what) = file.changed {
                parts.push(format!("{what} changed"));
            }
            if let Some(to) = &file.renamed {
                parts.push(format!("renamed to {to}"));
            }
            if file.deleted {
                parts.push("deleted".to_owned());
            }
            let said = parts.join(", ");
            match said.is_empty() {
                true => file.path.clone(),
                false => format!("{:COLUMN$} {said}", file.path),
            }
        };
        let (touched, read): (Vec<_>, Vec<_>) = told.files.iter().partition(|file| file.touched());
        let all: Vec<String> = touched.into_iter().map(line).collect();
        self.part("Files changed", &all, told.more_files);
        let all: Vec<String> = read.into_iter().map(line).collect();
        self.part("Files read", &all, 0);
    }

    fn windows(&mut self, told: &Told) {
        let object = |object: &told::Object| {
            format!(
                "{} {}: {}",
                object.kind,
                object.did,
                often(&object.name, object.count)
            )
        };
        let lines: Vec<String> = told.objects.iter().map(object).collect();
        self.part("Objects", &lines, 0);
        let value = |value: &told::Value| {
            let did = if value.set { "set" } else { "deleted" };
            format!("{did}: {}", value.name)
        };
        let lines: Vec<String> = told.values.iter().map(value).collect();
        self.part("Registry", &lines, 0);
    }

    fn rest(&mut self, told: &Told) {
        let times = |all: &[told::Times]| -> Vec<String> {
            all.iter().map(|one| often(&one.name, one.count)).collect()
        };
        self.part("Signals received", &times(&told.signals), 0);
        self.part("Calls that nobody served", &times(&told.missing), 0);
        self.part("Notes", &told.notes, told.more_notes);
    }
}
