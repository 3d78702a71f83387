//! Section `ipc`: System V IPC and message queues. Nothing is served yet.

use emu_prototypes::linux::services;

use crate::kernel::{Cx, Kernel};

impl services::Ipc<Cx<'_>> for Kernel {}
