//! Events made by hand, and the lines that come of them.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use emu_cpu::{AddressSpace, Memory, Prot, memory::Backing};
use emu_profiles::{ArgumentFault, Profile};
use emu_prototypes::linux::{CALLS, Errno};
use emu_prototypes::{CallInfo, MAX_ARGS};
use expect_test::{Expect, expect};

use super::{Filter, JsonSink, Output, Sink, TextSink};
use crate::event::{CallEvent, End, Event, ExitStatus};
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::task::Tid;
use crate::view::{Now, View};

/// What a sink wrote.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink and the world its events come from.
struct Stage {
    profile: &'static Profile,
    space: AddressSpace,
    sink: Box<dyn Sink>,
    written: Written,
}

const DATA: u64 = 0x10_0000;

fn stage(profile: &str, make: impl FnOnce(Output) -> Box<dyn Sink>) -> Stage {
    let profile = emu_profiles::by_name(profile).expect("the profile exists");
    let memory = Memory::new(64 << 20).expect("the host has that much");
    let layout = &profile.process;
    let mut space = AddressSpace::new(&memory, profile.arch, layout.low, layout.high);
    space
        .map(
            DATA,
            0x1000,
            Prot::READ | Prot::WRITE,
            Backing::Anonymous,
            None,
        )
        .expect("the address is free");
    let written = Written::default();
    let sink = make(Output::lines(Box::new(written.clone())));
    Stage {
        profile,
        space,
        sink,
        written,
    }
}

fn text(profile: &str) -> Stage {
    stage(profile, |output| {
        Box::new(TextSink::new(output, Filter::all(), 32))
    })
}

fn json(profile: &str) -> Stage {
    stage(profile, |output| {
        Box::new(JsonSink::new(output, Filter::all(), 32))
    })
}

impl Stage {
    fn data(&mut self, bytes: &[u8]) {
        self.space.write(DATA, bytes).expect("the page is there");
    }

    fn call(&self, task: Tid, name: &str, args: &[u64]) -> CallEvent {
        self.call_by(0, task, name, args)
    }

    fn call_by(&self, entry: usize, task: Tid, name: &str, args: &[u64]) -> CallEvent {
        let entry = &self.profile.entries[entry];
        let row = entry
            .system
            .table()
            .by_name(name)
            .expect("the profile has the call");
        let info: &'static CallInfo = &CALLS[usize::from(row.call)];
        let mut all = [0; MAX_ARGS];
        all[..args.len()].copy_from_slice(args);
        CallEvent {
            task,
            profile: self.profile,
            entry,
            number: row.number,
            through: None,
            row: Some(row),
            info: Some(info),
            args: all,
            fault: None,
            pc: 0x1_0000,
            return_address: 0x1_0004,
            sp: 0x7fff_0000,
            instructions: None,
            time: 5,
            attempts: 1,
            second: None,
            tampered: Default::default(),
            inside: None,
        }
    }

    fn unknown(&self, task: Tid, number: u32) -> CallEvent {
        let mut args = [0; MAX_ARGS];
        args[..6].copy_from_slice(&[1, 2, 3, 4, 5, 6]);
        CallEvent {
            number,
            row: None,
            info: None,
            args,
            ..self.call(task, "getpid", &[])
        }
    }

    fn tell(&mut self, event: &Event<'_>) {
        let abi = match event {
            Event::Enter(call) | Event::Exit { call, .. } => call.entry.system.linux(),
            _ => self.profile.system().linux(),
        };
        let mut view = View {
            guest: &mut self.space,
            abi,
            now: Now::default(),
        };
        self.sink
            .event(event, &mut view)
            .expect("the sink writes to memory");
    }

    fn enter(&mut self, call: &CallEvent) {
        self.tell(&Event::Enter(call));
    }

    fn exit(&mut self, call: &CallEvent, end: End) {
        self.tell(&Event::Exit {
            call,
            end,
            missing: false,
            time: 9,
        });
    }

    fn whole(&mut self, call: &CallEvent, end: End) {
        self.enter(call);
        self.exit(call, end);
    }

    fn start(&mut self, task: Tid) {
        let profile = self.profile;
        self.tell(&Event::Start {
            task,
            profile,
            path: b"/bin/x",
        });
    }

    fn lines(&mut self) -> String {
        self.sink.finish().expect("the sink writes to memory");
        String::from_utf8(self.written.0.borrow().clone()).expect("a trace is text")
    }

    #[track_caller]
    fn gives(&mut self, expected: Expect) {
        expected.assert_eq(&self.lines());
    }
}

fn ok(value: u64) -> End {
    End::Returned(Ok(value))
}

#[test]
fn a_line_is_a_call_and_results_stand_in_a_column() {
    let mut stage = text("linux_arm");
    stage.start(1);
    stage.data(b"/etc/passwd\0");
    let call = stage.call(1, "getppid", &[]);
    stage.whole(&call, ok(0));
    let call = stage.call(1, "open", &[DATA, 0, 0]);
    stage.whole(&call, End::Returned(Err(Errno::ENOENT)));
    let call = stage.call(1, "exit_group", &[0]);
    stage.whole(&call, End::NeverReturns);
    stage.tell(&Event::TaskEnd {
        task: 1,
        status: ExitStatus::Exited(0),
    });
    stage.gives(expect![[r#"
        getppid()                               = 0
        open("/etc/passwd", O_RDONLY)           = -1 ENOENT (No such file or directory)
        exit_group(0)                           = ?
        +++ exited with 0 +++
    "#]]);
}

#[test]
fn a_second_task_brings_prefixes_and_torn_lines() {
    let mut stage = text("linux_x64");
    stage.start(1);
    let clone = stage.call(1, "clone", &[0x11, 0, 0, 0, 0]);
    stage.enter(&clone);
    stage.exit(&clone, ok(2));
    let child = CallEvent {
        task: 2,
        ..clone.clone()
    };
    stage.exit(&child, End::ChildReturn(0));
    let wait = stage.call(1, "wait4", &[-1i64 as u64, DATA, 0, 0]);
    stage.enter(&wait);
    let exit = stage.call(2, "exit_group", &[3]);
    stage.whole(&exit, End::NeverReturns);
    stage.tell(&Event::TaskEnd {
        task: 2,
        status: ExitStatus::Exited(3),
    });
    stage.data(&[0, 3, 0, 0]);
    stage.exit(&wait, ok(2));
    let futex = stage.call(1, "futex", &[DATA, 0, 2, 0, 0, 0]);
    stage.enter(&futex);
    stage.tell(&Event::Note {
        text: "task 1 waits for ever",
    });
    stage.gives(expect![[r#"
        clone(child_stack=NULL, flags=SIGCHLD)  = 2
        [pid     2] <... clone resumed>)        = 0
        [pid     1] wait4(-1,  <unfinished ...>
        [pid     2] exit_group(3)               = ?
        [pid     2] +++ exited with 3 +++
        <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 2
        futex(0x100000, FUTEX_WAIT, 2, NULL <unfinished ...>
        emu: task 1 waits for ever
    "#]]);
}

#[test]
fn what_is_unusual_is_marked() {
    let mut stage = text("linux_x64");
    stage.start(1);
    let call = stage.unknown(1, 0x7fff);
    stage.enter(&call);
    let end = End::Returned(Err(Errno::ENOSYS));
    stage.tell(&Event::Exit {
        call: &call,
        end,
        missing: true,
        time: 0,
    });
    let call = stage.call(1, "membarrier", &[0, 0, 0]);
    stage.enter(&call);
    stage.tell(&Event::Exit {
        call: &call,
        end,
        missing: true,
        time: 0,
    });
    let call = stage.call_by(1, 1, "getpid", &[]);
    stage.whole(&call, ok(1));
    stage.gives(expect![[r#"
        syscall_0x7fff(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not implemented) <missing>
        membarrier(MEMBARRIER_CMD_QUERY, 0)     = -1 ENOSYS (Function not implemented) <missing>
        getpid()                                = 1 <int 0x80>
    "#]]);

    let mut stage = text("linux_mips");
    stage.start(1);
    let call = CallEvent {
        through: Some(4000),
        ..stage.call(1, "getpid", &[])
    };
    stage.whole(&call, ok(1));
    stage.gives(expect![[r#"
        getpid()                                = 1 <by syscall>
    "#]]);
}

#[test]
fn a_call_inside_another_is_told_as_what_it_is() {
    let mut stage = text("linux_x86");
    stage.start(1);
    let mut words = Vec::new();
    for word in [3u32, 0x10_0100, 16] {
        words.extend(word.to_le_bytes());
    }
    words.resize(0x100, 0);
    words.extend([2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    stage.data(&words);
    let call = stage.call(1, "socketcall", &[3, DATA]);
    stage.whole(&call, ok(0));
    let call = stage.call(1, "socketcall", &[99, DATA]);
    stage.whole(&call, End::Returned(Err(Errno::EINVAL)));
    let call = stage.call(1, "ipc", &[23, 5, 4096, 0o1600, 0, 0]);
    stage.whole(&call, ok(7));
    let call = stage.call(1, "ipc", &[12, 5, 10, 4, DATA, 1]);
    stage.whole(&call, End::Returned(Err(Errno::ENOMSG)));
    stage.gives(expect![[r#"
        connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0 <by socketcall>
        socketcall(99, 0x100000)                = -1 EINVAL (Invalid argument)
        shmget(0x5, 4096, IPC_CREAT|0600)       = 7 <by ipc>
        msgrcv(5, 0x100000, 10, 1, 0x4 /* IPC_??? */) = -1 ENOMSG (No message of desired type) <by ipc>
    "#]]);
}

#[test]
fn a_filter_looks_into_bundles() {
    let filter = || Filter::parse("connect").expect("it is valid");
    let make = |output| -> Box<dyn Sink> { Box::new(TextSink::new(output, filter(), 32)) };
    let mut stage = stage("linux_x86", make);
    let bundle = stage.call(1, "socketcall", &[3, DATA]);
    assert!(stage.sink.wants(bundle.info));
    stage.whole(&bundle, ok(0));
    let bundle = stage.call(1, "socketcall", &[1, DATA]);
    stage.whole(&bundle, ok(0));
    let bundle = stage.call(1, "socketcall", &[99, DATA]);
    stage.whole(&bundle, ok(0));
    stage.gives(expect![[r#"
        connect(0, NULL, 0)                     = 0 <by socketcall>
    "#]]);
}

#[test]
fn an_unreadable_stack_argument_is_not_shown_as_zero() {
    let mut stage = text("linux_mips");
    stage.start(1);
    let fault = Some(ArgumentFault {
        index: 4,
        address: 0x7fff_fff0,
        fails: true,
    });
    let call = stage.call(1, "mmap2", &[0, 4096, 3, 0x802]);
    let call = CallEvent { fault, ..call };
    stage.whole(&call, End::Returned(Err(Errno::EFAULT)));
    stage.gives(expect![[r#"
        mmap2(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, <unreadable>, <unreadable>) = -1 EFAULT (Bad address)
    "#]]);
}

#[test]
fn signals_and_deaths_have_lines() {
    let mut stage = text("linux_x86");
    stage.start(1);
    let sleep = stage.call(1, "pause", &[]);
    stage.whole(&sleep, End::Restarted(Errno::ERESTARTNOHAND));
    let abi = &emu_prototypes::linux::X86;
    let k = abi.k;
    let fault = |code, address| Info {
        address: Some(address),
        ..Info::new(abi, k.SIGSEGV, code)
    };
    let sent = |signal, code, value| Info {
        sender: Some((7, 8)),
        value,
        ..Info::new(abi, signal, code)
    };
    let child = |code, status| Info {
        extra: Extra::Child {
            status,
            user: 3,
            system: 4,
        },
        ..sent(k.SIGCHLD, code, 0)
    };
    let timer = Info {
        value: 9,
        extra: Extra::Timer { id: 2, overrun: 1 },
        ..Info::new(abi, k.SIGUSR1, k.SI_TIMER)
    };
    for info in [
        Info::new(abi, k.SIGALRM, k.SI_KERNEL),
        fault(k.SEGV_MAPERR, 0),
        fault(k.SEGV_ACCERR, 0x1000),
        sent(k.SIGUSR1, k.SI_USER, 0),
        sent(k.SIGRTMIN, k.SI_QUEUE, 5),
        child(k.CLD_EXITED, 1),
        child(k.CLD_KILLED, 15),
        timer,
    ] {
        let info = &info;
        stage.tell(&Event::Signal {
            task: 1,
            info,
            pc: 0,
        });
    }
    stage.tell(&Event::Stopped {
        task: 1,
        signal: "SIGTSTP",
    });
    let kill = stage.call(1, "kill", &[1, 9]);
    stage.whole(&kill, End::Killed);
    let read = stage.call(1, "read", &[0, DATA, 10]);
    stage.whole(&read, End::Killed);
    let status = ExitStatus::Signaled {
        signal: 9,
        name: "SIGKILL",
        core: false,
    };
    stage.tell(&Event::TaskEnd { task: 1, status });
    stage.gives(expect![[r#"
        pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)
        --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---
        --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---
        --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x1000} ---
        --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=7, si_uid=8} ---
        --- SIGRTMIN {si_signo=SIGRTMIN, si_code=SI_QUEUE, si_pid=7, si_uid=8, si_int=5, si_ptr=0x5} ---
        --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=8, si_status=1, si_utime=3 /* 0.03 s */, si_stime=4 /* 0.04 s */} ---
        --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=7, si_uid=8, si_status=SIGTERM, si_utime=3 /* 0.03 s */, si_stime=4 /* 0.04 s */} ---
        --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TIMER, si_timerid=0x2, si_overrun=1, si_int=9, si_ptr=0x9} ---
        --- stopped by SIGTSTP ---
        kill(1, SIGKILL)                        = ?
        read(0,  <unfinished ...>)              = ?
        +++ killed by SIGKILL +++
    "#]]);
}

#[test]
fn a_call_that_never_ends_is_not_lost() {
    let mut stage = text("linux_x86");
    stage.start(1);
    let read = stage.call(1, "read", &[0, DATA, 10]);
    stage.enter(&read);
    stage.gives(expect![[r#"
        read(0,  <unfinished ...>
    "#]]);
}

#[test]
fn json_has_an_object_for_each_event() {
    let mut stage = json("linux_mips");
    stage.start(1);
    stage.data(b"/a\xff\0");
    let call = stage.call(1, "open", &[DATA, 0, 0]);
    stage.whole(&call, End::Returned(Err(Errno::ENOSYS)));
    let call = stage.call(1, "read", &[0, DATA, 10]);
    stage.enter(&call);
    stage.data(b"a \"line\"\n");
    stage.exit(&call, ok(9));
    stage.tell(&Event::TaskEnd {
        task: 1,
        status: ExitStatus::Exited(0),
    });
    stage.gives(expect![[r#"
        {"version":1,"event":"start","task":1,"profile":"linux_mips","path":"/bin/x"}
        {"version":1,"event":"enter","id":1,"task":1,"time":5,"profile":"linux_mips","entry":"syscall","number":4005,"name":"open","call":"open","pc":"0x10000","return_address":"0x10004","sp":"0x7fff0000","args":[{"name":"filename","type":"const char *","raw":"0x100000","text":"\"/a\\377\"","hex":"2f61ff"},{"name":"flags","type":"int","raw":"0x0","text":"O_RDONLY"},{"name":"mode","type":"umode_t","raw":"0x0"}]}
        {"version":1,"event":"exit","id":1,"task":1,"time":9,"profile":"linux_mips","entry":"syscall","number":4005,"name":"open","call":"open","pc":"0x10000","return_address":"0x10004","sp":"0x7fff0000","args":[{"name":"filename","type":"const char *","raw":"0x100000","text":"\"/a\\377\"","hex":"2f61ff"},{"name":"flags","type":"int","raw":"0x0","text":"O_RDONLY"},{"name":"mode","type":"umode_t","raw":"0x0"}],"end":"returned","errno":"ENOSYS","errno_number":89,"text":"-1 ENOSYS (Function not implemented)"}
        {"version":1,"event":"enter","id":2,"task":1,"time":5,"profile":"linux_mips","entry":"syscall","number":4003,"name":"read","call":"read","pc":"0x10000","return_address":"0x10004","sp":"0x7fff0000","args":[{"name":"fd","type":"unsigned int","raw":"0x0","text":"0"},{"name":"buf","type":"char *","raw":"0x100000"},{"name":"count","type":"size_t","raw":"0xa","text":"10"}]}
        {"version":1,"event":"exit","id":2,"task":1,"time":9,"profile":"linux_mips","entry":"syscall","number":4003,"name":"read","call":"read","pc":"0x10000","return_address":"0x10004","sp":"0x7fff0000","args":[{"name":"fd","type":"unsigned int","raw":"0x0","text":"0"},{"name":"buf","type":"char *","raw":"0x100000","text":"\"a \\\"line\\\"\\n\"","string":"a \"line\"\n"},{"name":"count","type":"size_t","raw":"0xa","text":"10"}],"end":"returned","result":"0x9","text":"9"}
        {"version":1,"event":"end","task":1,"exited":0}
    "#]]);
}

/// Each line that a sink writes is described by the schema.
#[test]
fn json_lines_are_as_the_schema_says() {
    let mut lines = String::new();
    for profile in emu_profiles::ALL {
        let mut stage = json(profile.name);
        stage.start(1);
        for (number, row) in profile.entries[0].system.table().rows.iter().enumerate() {
            let call = stage.call(1, row.name, &[DATA, DATA, 5, 0, 1, 2]);
            let call = CallEvent {
                instructions: (number % 2 == 0).then_some(7),
                ..call
            };
            stage.whole(&call, ok(number as u64));
            stage.whole(&call, End::Returned(Err(Errno::EINVAL)));
            stage.whole(&call, End::NeverReturns);
        }
        let fault = Some(ArgumentFault {
            index: 0,
            address: 8,
            fails: true,
        });
        let call = CallEvent {
            fault,
            through: Some(1),
            attempts: 2,
            ..stage.call(1, "read", &[])
        };
        stage.whole(&call, End::Restarted(Errno::ERESTARTSYS));
        let call = stage.unknown(1, 0x7fff);
        stage.enter(&call);
        let end = End::Returned(Err(Errno::ENOSYS));
        stage.tell(&Event::Exit {
            call: &call,
            end,
            missing: true,
            time: 1,
        });
        stage.exit(&call, End::ChildReturn(0));
        stage.whole(&call, End::Killed);
        let abi = &emu_prototypes::linux::X86;
        let fault = Info {
            address: Some(0),
            ..Info::new(abi, abi.k.SIGSEGV, abi.k.SEGV_MAPERR)
        };
        stage.tell(&Event::Signal {
            task: 1,
            info: &fault,
            pc: 4,
        });
        stage.tell(&Event::Stopped {
            task: 1,
            signal: "SIGSTOP",
        });
        stage.tell(&Event::Note {
            text: "a \u{1} note",
        });
        let record = crate::kernel::nt::exception::Record {
            code: emu_prototypes::nt::NtStatus::ACCESS_VIOLATION,
            address: 0x40_1000,
            information: vec![1, 0],
        };
        stage.tell(&Event::Exception {
            task: 1,
            record: &record,
        });
        for status in [
            ExitStatus::Exited(3),
            ExitStatus::Status(0xc000_0005),
            ExitStatus::Signaled {
                signal: 11,
                name: "SIGSEGV",
                core: true,
            },
            ExitStatus::Stopped,
        ] {
            stage.tell(&Event::TaskEnd { task: 1, status });
        }
        lines += &stage.lines();
    }
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema = serde_json::from_str(super::json::SCHEMA).expect("the schema is JSON");
    compiler
        .add_resource("line.json", schema)
        .expect("the schema has a name");
    let schema = compiler
        .compile("line.json", &mut schemas)
        .expect("the schema is a schema");
    assert!(lines.lines().count() > 12_000);
    for line in lines.lines() {
        let value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        if let Err(error) = schemas.validate(&value, schema) {
            panic!("{line}\n{error:#}");
        }
    }
}

#[test]
fn a_filter_says_what_is_wanted() {
    let filter = Filter::parse("trace=%file").expect("it is valid");
    let sink = TextSink::new(Output::lines(Box::new(Written::default())), filter, 32);
    let call = |name: &str| emu_prototypes::linux::by_name(name);
    assert!(sink.wants(call("open")));
    assert!(!sink.wants(call("read")));
    assert!(!sink.wants(None));
}
