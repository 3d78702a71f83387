//! Section `net`: sockets. Nothing is served yet.

use emu_prototypes::linux::services;

use crate::kernel::{Cx, Kernel};

impl services::Net<Cx<'_>> for Kernel {}
