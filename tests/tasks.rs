//! What sinks and callbacks are told of several tasks: each call has one end, each task has one, and two runs are alike.

mod bounded;
mod compilers;
mod quiet;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use bounded::here;
use compilers::{ALL, Target, build, installed};
use emu::event::{End, Event, ExitStatus};
use emu::linux;
use emu::prototypes::CallInfo;
use emu::sink::Sink;
use emu::view::View;
use emu::{Builder, GuestSource};
use quiet::quiet;

const PRINTS: &str = "a child: exited with 5
another program: exited with 7
a waiting child: killed by SIGKILL
rounds: 40
read 1 x after 2 alarms
";

/// What was told, in order, and what of it can't be.
#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    wrong: Vec<String>,
    /// The call that each task is in.
    open: BTreeMap<i32, &'static str>,
    ended: BTreeMap<i32, ExitStatus>,
    restarts: u32,
    again: u32,
    births: u32,
    killed: Vec<&'static str>,
}

struct Check(Rc<RefCell<Seen>>);

impl Sink for Check {
    fn wants(&self, _: Option<&'static CallInfo>) -> bool {
        true
    }

    fn event(&mut self, event: &Event<'_>, _: &mut View<'_>) -> io::Result<()> {
        let mut seen = self.0.borrow_mut();
        let seen = &mut *seen;
        match event {
            Event::Born { .. } => {}
            Event::Start { task, .. } => seen.lines.push(format!("{task} starts")),
            Event::Enter(call) => {
                let name = call.row.map_or("?", |row| row.name);
                seen.lines
                    .push(format!("{} {name} at {}", call.task, call.time));
                if let Some(before) = seen.open.insert(call.task, name) {
                    seen.wrong
                        .push(format!("{name} begins before {before} has ended"));
                }
                seen.again += u32::from(call.attempts > 1);
            }
            Event::Exit {
                call, end, time, ..
            } => {
                let name = call.row.map_or("?", |row| row.name);
                seen.lines
                    .push(format!("{} {name} {end:?} at {time}", call.task));
                match end {
                    End::ChildReturn(0) => {
                        seen.births += 1;
                        if seen.open.contains_key(&call.task) {
                            seen.wrong.push(format!("{} is born twice", call.task));
                        }
                        return Ok(());
                    }
                    End::Restarted(_) => seen.restarts += 1,
                    End::Killed => seen.killed.push(name),
                    _ => {}
                }
                if seen.open.remove(&call.task) != Some(name) {
                    seen.wrong
                        .push(format!("{name} of {} ends unbegun", call.task));
                }
            }
            Event::Signal { task, info, .. } => {
                seen.lines.push(format!("{task} gets {}", info.name));
            }
            Event::Exception { task, record } => {
                seen.lines.push(format!("{task} raises {}", record.code));
            }
            Event::Stopped { task, signal } => {
                seen.lines.push(format!("{task} is stopped by {signal}"));
            }
            Event::TaskEnd { task, status } => {
                seen.lines.push(format!("{task} ends with {status:?}"));
                if let Some(open) = seen.open.get(task) {
                    seen.wrong.push(format!("{task} ends within {open}"));
                }
                if seen.ended.insert(*task, *status).is_some() {
                    seen.wrong.push(format!("{task} ends twice"));
                }
            }
            Event::Note { text } => seen.wrong.push((*text).to_owned()),
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The guest's run on a target, in an order of tasks.
fn family(target: &Target, order: Option<u64>) -> Option<(Seen, String, u8)> {
    if !installed(target.compiler) {
        return None;
    }
    let program = build(target.compiler, &here("tests/tasks/family.c")).expect("it compiles");
    let host = quiet();
    let seen = Rc::new(RefCell::new(Seen::default()));
    let mut builder = Builder::new()
        .guest(GuestSource::Host(program))
        .host(host.clone())
        .sink(Box::new(Check(seen.clone())));
    if let Some(order) = order {
        builder = builder.sched_seed(order);
    }
    let status = builder
        .build()
        .and_then(|mut emulator| emulator.run())
        .unwrap_or_else(|error| panic!("{}: {error}", target.name));
    let out = String::from_utf8(host.streams.output());
    let seen = std::mem::take(&mut *seen.borrow_mut());
    Some((seen, out.expect("text"), status.code()))
}

#[test]
fn each_call_and_each_task_has_one_end() {
    for target in ALL {
        let Some((seen, out, status)) = family(target, None) else {
            continue;
        };
        let name = target.name;
        assert_eq!(out, PRINTS, "{name}");
        assert_eq!(status, 3, "{name}");
        assert_eq!(seen.wrong, [""; 0] as [&str; 0], "{name}");
        assert!(seen.open.is_empty(), "{name}: {:?}", seen.open);
        // The first, three children and three threads.
        assert_eq!(seen.ended.len(), 7, "{name}");
        assert_eq!(seen.births, 6, "{name}: each but the first");
        assert_eq!(
            (seen.restarts, seen.again),
            (2, 2),
            "{name}: the read, twice"
        );
        assert_eq!(
            seen.killed,
            ["read", "read"],
            "{name}: of the child and of the thread"
        );
        assert_eq!(
            seen.ended.get(&1000),
            Some(&ExitStatus::Exited(3)),
            "{name}"
        );
    }
}

#[test]
fn two_runs_are_alike_and_other_orders_are_too() {
    for target in ALL {
        let Some((first, ..)) = family(target, None) else {
            continue;
        };
        let name = target.name;
        let (second, ..) = family(target, None).expect("the compiler is still there");
        assert_eq!(first.lines, second.lines, "{name}");
        let mut orders = Vec::new();
        for order in 0..4 {
            let (seen, out, status) = family(target, Some(order)).expect("it is there");
            assert_eq!(
                (out.as_str(), status),
                (PRINTS, 3),
                "{name} in order {order}"
            );
            assert_eq!(seen.wrong, [""; 0] as [&str; 0], "{name} in order {order}");
            let (again, ..) = family(target, Some(order)).expect("it is there");
            assert_eq!(seen.lines, again.lines, "{name} in order {order}");
            orders.push(seen.lines);
        }
        orders.dedup();
        assert!(orders.len() > 1, "{name}: other seeds are other orders");
    }
}

#[test]
fn a_callback_hears_of_the_child_and_may_refuse_one() {
    for target in ALL {
        if !installed(target.compiler) {
            continue;
        }
        let program = build(target.compiler, &here("tests/tasks/family.c")).expect("it compiles");
        let host = quiet();
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(program))
            .host(host.clone())
            .build()
            .unwrap_or_else(|error| panic!("{}: {error}", target.name));
        let ends = Rc::new(RefCell::new(Vec::new()));
        let told = ends.clone();
        emulator.on_any_exit(move |cx, call, ret| {
            if matches!(call.info.name, "clone" | "clone3" | "fork" | "vfork") {
                told.borrow_mut().push((cx.task(), cx.end(), *ret));
            }
        });
        emulator.on_enter(|cx, _: &mut linux::Wait4| {
            // The first child is all there is.
            if cx.task() == 1000 {
                cx.fail(linux::Errno::ECHILD);
            }
        });
        let status = emulator.run().expect("the run has no failure of ours");
        assert_eq!(status.code(), 3, "{}", target.name);
        let ends = ends.borrow();
        let born = ends
            .iter()
            .filter(|(task, end, _)| *task > 1000 && *end == Some(End::ChildReturn(0)))
            .count();
        assert_eq!(born, 6, "{}: {ends:?}", target.name);
    }
}
