//! Messages with all that comes with them: `struct msghdr`.

use emu_prototypes::linux::Errno;

use crate::kernel::Cx;
use crate::kernel::linux::io::{Range, ranges};

/// Ranges of memory of a message at most.   [UIO_MAXIOV]
const MOST_RANGES: u64 = 1024;
/// Bytes of an address at most (`struct sockaddr_storage`).
const MOST_ADDRESS: i32 = 128;

/// A `struct msghdr` of the guest.
pub(super) struct Header {
    /// Where it is.
    pub(super) at: u64,
    /// Where its address is, and how long.
    pub(super) name: (u64, i32),
    /// Where its bytes are.
    pub(super) ranges: Vec<Range>,
    /// Where what comes with the bytes is, and how long.
    pub(super) control: (u64, u64),
}

impl Header {
    /// [Linux net/socket.c, __copy_msghdr]
    pub(super) fn load(cx: &mut Cx<'_>, at: u64) -> Result<Header, Errno> {
        let layout = &cx.layouts.msghdr;
        let image = cx.load(at, layout.size)?;
        let name = image.get(layout.msg_name);
        let len = match name {
            0 => 0,
            _ => i32::try_from(image.get_signed(layout.msg_namelen)).unwrap_or(-1),
        };
        if len < 0 {
            return Err(Errno::EINVAL);
        }
        let count = image.get(layout.msg_iovlen);
        if count > MOST_RANGES {
            return Err(Errno::EMSGSIZE);
        }
        let control = (
            image.get(layout.msg_control),
            image.get(layout.msg_controllen),
        );
        let ranges = ranges(cx, image.get(layout.msg_iov), count)?;
        Ok(Header {
            at,
            name: (name, len.min(MOST_ADDRESS)),
            ranges,
            control,
        })
    }
}
