//! The same options of JSON lines, and what these say of places.

use serde_json::Value;

use super::{here, lines_of, names, program};

fn events(options: &[&str], guest: &str) -> Vec<Value> {
    let program = here("guest-images").join(guest);
    let lines = lines_of(&[&["--format", "json"], options].concat(), &program);
    let parse = |line: &String| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    lines.iter().map(parse).collect()
}

/// `enter NAME`, `exit NAME` of each call.
fn calls(events: &[Value]) -> Vec<String> {
    let call = |event: &Value| {
        let kind = event["event"]
            .as_str()
            .filter(|kind| matches!(*kind, "enter" | "exit"))?;
        Some(format!("{kind} {}", event["name"].as_str()?))
    };
    events.iter().filter_map(call).collect()
}

#[test]
fn calls_are_picked_by_how_they_end() {
    let guest = "freebsd_x64/errno.elf";
    let failed = ["enter read", "exit read", "enter rmdir", "exit rmdir"];
    assert_eq!(calls(&events(&["-Z"], guest)), failed);
    assert_eq!(calls(&events(&["-e", "status=failed"], guest)), failed);
    assert_eq!(
        calls(&events(&["-e", "status=unfinished"], guest)),
        ["enter exit", "exit exit"]
    );
    assert_eq!(
        calls(&events(&["-z", "-e", "wait4"], "freebsd_x64/fork.elf")),
        ["enter wait4", "exit wait4"]
    );
    assert_eq!(
        calls(&events(&["--syscall-limit=1", "-e", "mkdir"], guest)),
        ["enter mkdir", "exit mkdir"]
    );
    assert_eq!(
        calls(&events(&["-P", "/nonexistent"], guest)),
        Vec::<String>::new()
    );
}

#[test]
fn signals_are_picked_by_name() {
    let signals = |options: &[&str]| -> Vec<String> {
        let all = events(options, "linux_arm/fault.elf");
        let signal = |event: &Value| Some(event["signal"].as_str()?.to_owned());
        all.iter().filter_map(signal).collect()
    };
    assert_eq!(signals(&[]), ["SIGSEGV"]);
    assert_eq!(signals(&["-e", "signal=segv"]), ["SIGSEGV"]);
    assert_eq!(signals(&["-e", "signal=!segv"]), Vec::<String>::new());
}

/// What says whether lines are as `emu schema` has them.
fn validator() -> impl FnMut(&Value) {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = super::run(super::emu().arg("schema"), b"", super::LIMIT).out();
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    compiler
        .add_resource("line.json", schema)
        .expect("the schema has a name");
    let schema = compiler
        .compile("line.json", &mut schemas)
        .expect("the schema is a schema");
    move |event| {
        if let Err(error) = schemas.validate(event, schema) {
            panic!("{event}\n{error:#}");
        }
    }
}

/// What is told of tampering and of who called whom is as the schema has it, and the schema has it.
#[test]
fn tampering_and_callers_are_in_the_schema() {
    let mut validate = validator();
    let rules = ["-k", "-e", "inject=all:retval=7:delay_enter=5:when=1"];
    let poked = ["-kk", "-e", "inject=write:poke_enter=@arg2=41"];
    for (guest, rules) in [
        ("linux_mips/hello.elf", &rules[..]),
        ("linux_x86/hello.elf", &poked[..]),
        ("freebsd_x64/fork.elf", &rules[..]),
    ] {
        let all = events(rules, guest);
        all.iter().for_each(&mut validate);
        let exits = || all.iter().filter(|event| event["event"] == "exit");
        let told = |key: &str| exits().filter(|event| event[key] == true).count();
        if rules.contains(&"-kk") {
            assert_eq!(told("injected_args"), 1, "{guest}");
        } else {
            assert!(told("injected") > 0 && told("delayed") > 0, "{guest}");
        }
        for exit in exits().filter(|exit| exit["end"] != "child_return") {
            let stack = exit["stack"].as_array().expect("each end has one");
            assert!(stack[0]["address"].is_string(), "{exit}");
        }
    }
}

/// A program that is not moved has its own addresses; the lines are still those of the schema.
#[test]
fn a_place_is_told_by_its_file() {
    let mut validate = validator();
    for guest in [
        "linux_arm/fault.elf",
        "freebsd_x64/errno.elf",
        "linux_mips/indirect.elf",
    ] {
        let mut placed = 0;
        for event in events(&[], guest) {
            validate(&event);
            if event["pc"].is_string() {
                assert_eq!(event["offset"], event["pc"]);
                let name = guest.rsplit('/').next().unwrap_or_default();
                assert_eq!(event["module"], format!("/emu/{name}"));
                placed += 1;
            }
        }
        assert!(placed > 0, "{guest}");
    }
}

/// What the text form shows of a program is what the JSON form shows of it.
#[test]
fn both_forms_show_the_same_calls() {
    let Some(program) = program("paths.c") else {
        return;
    };
    for options in [&["-e", "%desc"][..], &["-Z"], &["-P", "/nonexistent/y"]] {
        let text = lines_of(options, &program);
        let json = lines_of(&[options, &["--format", "json"]].concat(), &program);
        let exits = json
            .iter()
            .filter(|line| line.contains("\"event\":\"exit\""))
            .count();
        assert_eq!(exits, names(&text).len(), "{options:?}");
    }
}
