//! What can be set at a socket?

use std::collections::BTreeMap;

/// Bytes that wait in a socket unless said otherwise.   [Linux net/core/sock.c, sysctl_rmem_default, sysctl_wmem_default]
const BUFFER: usize = 212_992;
/// The same for a stream over the internet: its receive and its send buffer.   [tcp(7), tcp_rmem, tcp_wmem]
const STREAM: (usize, usize) = (131_072, 16_384);

/// What is set at a socket.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address may be used though connections that used it linger.
    pub reuse_address: bool,
    /// Several sockets of a user may share an address.
    pub reuse_port: bool,
    /// Version 6 of the internet only.
    pub only_v6: bool,
    /// Messages to everybody are allowed.
    pub broadcast: bool,
    /// Messages come with who sent them.
    pub pass_sender: bool,
    /// Closing waits so many seconds for what was sent; 0 throws the connection away.
    pub linger: Option<u32>,
    /// Bytes that may wait on their way from here.
    pub send_buffer: usize,
    /// Bytes that may wait here.
    pub receive_buffer: usize,
    /// Whether a size of a buffer was set, and not left to the system.
    pub buffers_set: bool,
    /// How long sending waits at most, in nanoseconds.
    pub send_timeout: Option<u64>,
    /// How long receiving waits at most, in nanoseconds.
    pub receive_timeout: Option<u64>,
    /// Bytes from which on there is something to receive.
    pub low_water: usize,
    /// What has no effect here, under the operating system's own numbers: level and name.
    pub stored: BTreeMap<(u64, u64), Vec<u8>>,
}

impl Options {
    pub(super) fn new(internet_stream: bool) -> Options {
        let (receive_buffer, send_buffer) = match internet_stream {
            true => STREAM,
            false => (BUFFER, BUFFER),
        };
        Options {
            reuse_address: false,
            reuse_port: false,
            only_v6: false,
            broadcast: false,
            pass_sender: false,
            linger: None,
            send_buffer,
            receive_buffer,
            buffers_set: false,
            send_timeout: None,
            receive_timeout: None,
            low_water: 1,
            stored: BTreeMap::new(),
        }
    }
}
