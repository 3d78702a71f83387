//! From wishes to an emulator that is ready to run.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use emu_cpu::Memory;
use emu_profiles::{Profile, Symbol, System};

use super::engines::Engines;
use super::limits::Limits;
use super::{Emulator, Progress, Sinks, usual};
use crate::Error;
use crate::callbacks::Callbacks;
use crate::inject::{Injections, Rules};
use crate::kernel::Kernel;
use crate::kernel::host::{Host, HostClock, RealHost};
use crate::kernel::linux::LinuxTask;
use crate::kernel::linux::process::Credentials;
use crate::kernel::linux::process::Resource;
use crate::kernel::net;
use crate::kernel::random::Random;
use crate::kernel::time::Clock;
use crate::kernel::vfs::{Bind, FsContext, Nothing, Setup, Vfs, Walker, Who};
use crate::load::{self, Request};
use crate::sink::Sink;

/// Guest memory unless said otherwise, in bytes: a reservation, not a use.
const MEMORY: u64 = 2 << 30;
/// Tasks at once unless said otherwise.
const MAX_TASKS: usize = 4096;
/// The number of the first process.
const FIRST: i32 = 1000;

/// Which program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuestSource {
    /// A file of the host; the guest sees it under `/emu`.
    Host(PathBuf),
    /// A path of the guest's tree.
    Inside(Vec<u8>),
    /// An absolute path of the guest's tree if something is there, else a file of the host.
    Either(PathBuf),
}

/// What time a guest sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeSource {
    /// A count of what it did; sleeping takes no time.
    #[default]
    Virtual,
    /// The host's.
    Real,
}

/// What is outside of the guest's network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network {
    /// Nothing.
    #[default]
    None,
    /// A made-up world that takes everything, and keeps it in a directory when one is named.
    Sink(Option<PathBuf>),
    /// A made-up world that answers as a script says, and keeps what is said in a directory when one is named.
    Script(net::Script, Option<PathBuf>),
    /// The host's network.
    Host,
}

/// Collects what an [`Emulator`] is made of.
///
/// ```no_run
/// use emu::{Builder, GuestSource};
///
/// let mut emulator = Builder::new()
///     .guest(GuestSource::Host("guest-images/linux_arm/hello.elf".into()))
///     .args(["one", "two"])
///     .build()?;
/// let status = emulator.run()?;
/// # Ok::<(), emu::Error>(())
/// ```
#[derive(Default)]
pub struct Builder {
    profile: Option<&'static Profile>,
    guest: Option<GuestSource>,
    argv0: Option<Vec<u8>>,
    args: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    usual: Option<Vec<Vec<u8>>>,
    cwd: Option<Vec<u8>>,
    setup: Setup,
    seed: u64,
    time: TimeSource,
    network: Network,
    memory: Option<u64>,
    limits: Limits,
    host: Option<Rc<dyn Host>>,
    sinks: Vec<Box<dyn Sink>>,
    rules: Rules,
    registry: Vec<PathBuf>,
    sched_seed: Option<u64>,
    max_tasks: Option<usize>,
    save: Option<PathBuf>,
    progress: Option<Arc<Progress>>,
}

impl Builder {
    /// Nothing is chosen yet but what has a default.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// The only profile that will do. Without it the image's header decides.
    pub fn profile(mut self, profile: &'static Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The program to run.
    pub fn guest(mut self, guest: GuestSource) -> Self {
        self.guest = Some(guest);
        self
    }

    /// Its arguments, without its own name.
    pub fn args<A: AsRef<[u8]>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_vec()));
        self
    }

    /// Gives it what a program of its system usually finds in its environment, changed by each `NAME=VALUE`, and by each
    /// `NAME`, which is taken away.
    pub fn usual_env<A: AsRef<[u8]>>(mut self, changes: impl IntoIterator<Item = A>) -> Self {
        let changes = changes.into_iter().map(|change| change.as_ref().to_vec());
        self.usual.get_or_insert_default().extend(changes);
        self
    }

    /// Variables of its environment, `NAME=VALUE`. It starts empty.
    pub fn env<A: AsRef<[u8]>>(mut self, env: impl IntoIterator<Item = A>) -> Self {
        self.env
            .extend(env.into_iter().map(|arg| arg.as_ref().to_vec()));
        self
    }

    /// Its own name, when that shall not be its path.
    pub fn argv0(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.argv0 = Some(name.into());
        self
    }

    /// Its working directory, a path of its tree; `/` without it.
    pub fn cwd(mut self, path: impl Into<Vec<u8>>) -> Self {
        self.cwd = Some(path.into());
        self
    }

    /// A directory of the host that is its `/`. What it writes stays in memory.
    pub fn root(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.root = Some(path.into());
        self
    }

    /// A file or directory of the host that it sees at a path.
    pub fn bind(mut self, bind: Bind) -> Self {
        self.setup.binds.push(bind);
        self
    }

    /// A file of the host, whose keys and values are in the registry of Windows from the start: a `.reg` file, or
    /// `KEY=FILE`, a hive, as Windows keeps its registry, whose top becomes that key (`HKLM\\Software=SOFTWARE`).
    pub fn registry(mut self, path: impl Into<PathBuf>) -> Self {
        self.registry.push(path.into());
        self
    }

    /// A directory of the host with libraries of Windows, whose files are seen in `C:\\Windows\\System32`. What is in one
    /// that was named before goes first. Where there are directories of both widths, those of 32 bits are seen in
    /// `C:\\Windows\\SysWOW64`, and 32-bit programs run by WoW64.
    pub fn dll_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.libraries.push(path.into());
        self
    }

    /// How many tasks there may be at once; a guest that makes more gets `EAGAIN`; 4096 without it.
    pub fn max_tasks(mut self, count: usize) -> Self {
        self.max_tasks = Some(count);
        self
    }

    /// Another order in which tasks run than the usual one, the same for the same number.
    pub fn sched_seed(mut self, seed: u64) -> Self {
        self.sched_seed = Some(seed);
        self
    }

    /// What all its random bytes come from; 0 without it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What time it sees.
    pub fn time(mut self, time: TimeSource) -> Self {
        self.time = time;
        self
    }

    /// What is outside of its network.
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// How much memory it may use, in bytes; 2 GiB without it, 4 GiB at most.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// How many bytes it may store in files, and otherwise outside of its memory; half of its memory without it.
    pub fn max_disk(mut self, bytes: u64) -> Self {
        self.setup.disk = Some(bytes);
        self
    }

    /// How many files may be open at once, in all processes together; what is beyond is refused with `ENFILE`.
    pub fn max_files(mut self, count: u64) -> Self {
        self.setup.files = Some(count);
        self
    }

    /// How many bytes it may write to standard output and standard error together. A guest that writes more is stopped.
    pub fn max_output(mut self, bytes: u64) -> Self {
        self.setup.output = Some(bytes);
        self
    }

    /// Keeps what it changed in its tree, when the run is over, in a new or empty directory, as a layer of a
    /// container's image: see [`Emulator::differences`] for what counts as changed. Owners, devices, pipes and sockets
    /// are not kept.
    pub fn save_fs(mut self, path: impl Into<PathBuf>) -> Self {
        self.save = Some(path.into());
        self
    }

    /// Counts its instructions, which costs time.
    pub fn count_instructions(mut self) -> Self {
        self.limits.count_instructions = true;
        self
    }

    /// Ends the run after so many instructions (exact to a block of code).
    pub fn max_instructions(mut self, instructions: u64) -> Self {
        self.limits.max_instructions = Some(instructions);
        self
    }

    /// Ends the run after so much time of the host.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// Another host than the real one.
    pub fn host(mut self, host: Rc<dyn Host>) -> Self {
        self.host = Some(host);
        self
    }

    /// Somebody to tell what happens. Several get the events in the order in which they were added.
    pub fn sink(mut self, sink: Box<dyn Sink>) -> Self {
        self.sinks.push(sink);
        self
    }

    /// Somebody who wants to know, in another thread, how far the run is.
    pub fn progress(mut self, progress: Arc<Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Calls that are tampered with, in the place of those that were named before. What a rule says must be something that
    /// the guest's system has: [`Builder::build`] fails otherwise.
    pub fn inject(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Loads the program.
    pub fn build(self) -> Result<Emulator, Error> {
        let guest = self
            .guest
            .ok_or_else(|| Error::Usage("no guest program is named".into()))?;
        let host = match self.host {
            Some(host) => host,
            None => {
                let host = RealHost::new();
                self.limits.stops_input(host.stop_flag());
                Rc::new(host)
            }
        };
        let clock = match self.time {
            TimeSource::Virtual => Clock::counted(),
            TimeSource::Real => Clock::real(Box::new(HostClock(host.clone()))),
        };
        let memory = Memory::new(self.memory.unwrap_or(MEMORY))
            .map_err(|e| Error::io("reserving guest memory", e))?;
        let setup = Setup {
            now: clock.wall().cast_signed(),
            ..self.setup
        };
        let save = match self.save {
            None => None,
            Some(path) => {
                let tree = host.new_tree(&path);
                let failed = |e| Error::io(format!("--save-fs {}", path.display()), e);
                Some((path.clone(), tree.map_err(failed)?))
            }
        };
        let vfs = Vfs::new(host.clone(), &memory, &setup)?;
        let random = Random::new(self.seed);
        let outside = outside(self.network, &host)?;
        let mut kernel = Kernel::new(memory, vfs, host, clock, random);
        kernel.linux.max_tasks = Some(self.max_tasks.unwrap_or(MAX_TASKS));
        if let Some(outside) = outside {
            kernel.net.connect_outside(outside);
        }

        let mut context = kernel.vfs.context();
        if let Some(path) = &self.cwd {
            context.cwd = directory(&kernel, &context, path)?;
        }
        let (path, shown) = place(&kernel, &context, guest)?;
        let mut argv = vec![self.argv0.unwrap_or_else(|| path.clone())];
        argv.extend(self.args);
        let credentials = Credentials::default();
        let who = Who::root();
        let mut walker = Walker {
            vfs: &kernel.vfs,
            context: &context,
            who: &who,
            generator: &Nothing,
            now: setup.now,
        };
        let program = load::Programs::open(&mut walker, &path)
            .map_err(|errno| Error::Image(format!("{shown}: {}", errno.text())))?;
        let envp = match self.usual {
            None => self.env,
            Some(changes) => {
                let width = load::width(&program);
                if width.is_some() {
                    usual::directories(&walker);
                }
                usual::environment(width, self.env, &changes)
            }
        };
        let directory = context.path_of(&context.cwd);
        let request = Request {
            program,
            path: &path,
            argv,
            envp,
            profile: self.profile,
            credentials: &credentials,
            stack_limit: 8 << 20,
            first: true,
            directory: &directory,
            child: None,
        };
        let loaded = load::load(&kernel.memory, &mut kernel.random, &mut walker, request)
            .map_err(|e| e.about(&shown))?;

        self.rules.check(loaded.profile)?;
        if loaded
            .symbols
            .iter()
            .any(|(symbol, _)| *symbol == Symbol::LoaderStart)
        {
            kernel.nt.tell_release(loaded.profile.pointer() == 8);
        }
        for path in &self.registry {
            let (key, path) = crate::kernel::nt::registry_file(path);
            let shown = path.display();
            let bytes = std::fs::read(path).map_err(|e| Error::io(shown.to_string(), e))?;
            let loaded = kernel.nt.load_registry(key, &bytes);
            loaded.map_err(|message| Error::Usage(format!("{shown}:{message}")))?;
        }
        let linux = LinuxTask::first(FIRST, loaded.profile, &kernel.vfs, context, credentials);
        // Who grants more tasks than Linux grants a user means that the guest may make them.
        if let Some(most) = self.max_tasks.map(|most| most as u64) {
            let mut process = linux.process.borrow_mut();
            let (soft, hard) = process.limits.get(Resource::Nproc);
            let limits = (soft.max(most), hard.max(most));
            process.limits.set(Resource::Nproc, limits);
        }
        let task = kernel.first_task(FIRST, loaded.profile, linux);
        let own = match loaded.profile.system() {
            System::Own(own) => own.calls,
            _ => &[],
        };
        let mut emulator = Emulator {
            modules: Default::default(),
            epoch: 0,
            counted: None,
            progress: self.progress,
            kernel,
            engines: Engines::default(),
            order: self.sched_seed.map(Random::new),
            lengths: Random::new(self.sched_seed.unwrap_or(0)),
            callbacks: Callbacks::default(),
            rules: self.rules,
            injections: Injections::default(),
            sinks: Sinks {
                all: self.sinks,
                wanted: Vec::new(),
                unknown: false,
                over: false,
            },
            limits: self.limits,
            first: Some((Box::new(task), loaded)),
            save,
            own,
        };
        emulator.kernel.vfs.note_start();
        // The engine is opened now, so that a failure is one of building.
        let profile = emulator.first.as_ref().map(|(_, loaded)| loaded.profile);
        if let Some(profile) = profile {
            let Emulator {
                engines,
                kernel,
                limits,
                ..
            } = &mut emulator;
            engines.prepare(profile, kernel, limits)?;
        }
        Ok(emulator)
    }
}

/// The world outside, if there is one.
fn outside(network: Network, host: &Rc<dyn Host>) -> Result<Option<Rc<dyn net::Outside>>, Error> {
    let store = |path: Option<PathBuf>| {
        let open = |path: PathBuf| {
            host.store(&path)
                .map_err(|e| Error::io(path.display().to_string(), e))
        };
        path.map(open).transpose()
    };
    let (script, path) = match network {
        Network::None => return Ok(None),
        Network::Host => return Ok(Some(Rc::new(net::Hosted(host.clone())))),
        Network::Sink(path) => (net::Script::default(), path),
        Network::Script(script, path) => (script, path),
    };
    let world = net::Pretended::new(store(path)?, script);
    Ok(Some(Rc::new(Rc::new(world))))
}

fn directory(
    kernel: &Kernel,
    context: &FsContext,
    path: &[u8],
) -> Result<Rc<crate::kernel::vfs::Entry>, Error> {
    let who = Who::root();
    let walker = Walker {
        vfs: &kernel.vfs,
        context,
        who: &who,
        generator: &Nothing,
        now: 0,
    };
    let shown = String::from_utf8_lossy(path);
    let entry = walker.find(&context.root, path, true);
    match entry {
        Ok(entry) if entry.node.is_directory() => Ok(entry),
        Ok(_) => Err(Error::Usage(format!(
            "--cwd {shown}: the guest has no such directory"
        ))),
        Err(error) => Err(Error::Usage(format!(
            "--cwd {shown}: {}",
            emu_prototypes::linux::Errno::from(error).text()
        ))),
    }
}

/// The guest's path of the program, and how a person calls it.
fn place(
    kernel: &Kernel,
    context: &FsContext,
    guest: GuestSource,
) -> Result<(Vec<u8>, String), Error> {
    use std::os::unix::ffi::OsStrExt;
    let host = |path: &Path| {
        let shown = path.display().to_string();
        Ok((kernel.vfs.add_program(path)?, shown))
    };
    if matches!(&guest, GuestSource::Host(path) | GuestSource::Either(path) if path.as_os_str().is_empty())
    {
        return Err(Error::Usage("the name of the guest is empty".into()));
    }
    match guest {
        GuestSource::Inside(path) => {
            let shown = String::from_utf8_lossy(&path).into_owned();
            Ok((path, shown))
        }
        GuestSource::Host(path) => host(&path),
        GuestSource::Either(path) => {
            let who = Who::root();
            let walker = Walker {
                vfs: &kernel.vfs,
                context,
                who: &who,
                generator: &Nothing,
                now: 0,
            };
            let bytes = path.as_os_str().as_bytes();
            if path.is_absolute() && walker.find(&context.root, bytes, true).is_ok() {
                return Ok((bytes.to_vec(), path.display().to_string()));
            }
            host(&path)
        }
    }
}
