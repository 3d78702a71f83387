//! Sockets of Windows through Winsock of Wine's.

mod bounded;
mod compilers;
mod wine;

use wine::{check, check_alone};

/// What the program prints, by Wine and by emu.
const EXPECTED: &str = "start 0\r\n\
         listening: 127.0.0.1, 16, port 1\r\n\
         accepted: 127.0.0.1, 16\r\n\
         received 5\r\n\
         end 0\r\n\
         sent 5\r\n\
         client 0\r\n\
         nothing: 0\r\n\
         sent 8\r\n\
         something: 1 1\r\n\
         peeked -1: 10040\r\n\
         received 8: abcdefgh from 127.0.0.1\r\n\
         back 4\r\n\
         listening: 127.0.0.1, 16, port 1\r\n\
         refused: -1 10061\r\n\
         begun: -1 10035\r\n\
         told: 1 0 1\r\n\
         error 10061\r\n\
         not connected: -1 10057\r\n\
         no listener: -1 10022\r\n\
         closed: -1 10038\r\n\
         reuse 1, time 250, type 1, linger 1 5\r\n\
         listening: 127.0.0.1, 16, port 1\r\n\
         early 258\r\n\
         event 0\r\n\
         accept 8 0\r\n\
         event 0\r\n\
         read 1\r\n\
         received 1\r\n\
         empty -1 10035\r\n\
         event 0\r\n\
         close 32\r\n\
         listening: 127.0.0.1, 16, port 1\r\n\
         begun -1 997\r\n\
         early 258\r\n\
         event 0\r\n\
         done 1 5 later\r\n\
         localhost 0: 127.0.0.1, port 80, 16\r\n\
         back 0: 127.0.0.1 80\r\n\
         no number: 1\r\n\
         host: 127.0.0.1\r\n\
         own name: 0 1\r\n\
         ";

#[test]
fn streams_messages_refusals_events_and_names_are_those_of_winsock() {
    check(
        "network.c",
        &["-lws2_32"],
        &[],
        (EXPECTED, 0),
        &[
            "NtWineUnixCall(",
            "STATUS_CONNECTION_REFUSED",
            "STATUS_INVALID_CONNECTION",
        ],
    );
}

/// What the program prints that speaks with the device itself. Wine has requests of its own; these statuses are those that
/// Wine's tests of the device saw on Windows, where they have them, and structures those of System Informer's `ntafd.h`.
const AFD: &str = "open 0 early c000000d bind 0 0 again c0000238 listen 0\r\n\
         unbound c000000d\r\n\
         unconnected c0000140\r\n\
         connect 0\r\n\
         wait 0 20 same\r\n\
         accept 0 again c000000d\r\n\
         own 0 16 same remote 0 same short c0000023\r\n\
         send 0 6 waiting 0 6 0 peek 0 4 hell receive 0 6 hell o!\r\n\
         end 0 c00000b0 0 0\r\n\
         next 0 reject 0 c000020d\r\n\
         refused c0000236\r\n\
         send 0 6 receive 0 6 packet 16 same\r\n\
         cut 80000005 3\r\n\
         open 0 early c000000d bind 0 0 again c0000238 listen 0\r\n\
         nothing 102 0\r\n\
         one 0 1 1 80 0, 1\r\n\
         select 0 early 102 event 0 enumerate 0 1 0 reset 102\r\n\
         nonblocking 0 c00000a3\r\n\
         poll 103 closed 0 0 1 20\r\n\
         context 0 0 24 what a library keeps short c0000023\r\n\
         window 0 16 1 set 0 100000 unknown c000000d\r\n\
         begun 103 102 closed 0 c0000120\r\n\
         no family 1 no protocol 1\r\n\
         none c0000008 too short c0000141\r\n\
         older 0 newer 0\r\n\
         bind 0 26 1 14 1 listen 0\r\n\
         connect 0 wait 0 26 1 14 same accept 0 receive 0 ok\r\n\
         option 0 0 1 4\r\n\
         transmit 0 5 receive 0 <456> end 0 0\r\n\
         ";

#[test]
fn the_device_afd_is_asked_as_windows_own_library_asks_it() {
    check_alone(
        "afd.c",
        &["-lntdll"],
        (AFD, 0),
        &[
            "IOCTL_AFD_BIND, {ShareAccess=AFD_EXCLUSIVEADDRUSE, Address={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}}",
            "IOCTL_AFD_START_LISTEN, {SanActive=FALSE, MaximumConnectionQueue=4, UseDelayedAcceptance=FALSE}, 12",
            "IOCTL_AFD_SEND, {BufferArray=[{len=3, buf=\"hel\"}, {len=3, buf=\"lo!\"}], BufferCount=2, AfdFlags=0, TdiFlags=0}",
            "IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, {Sequence=1, RemoteAddress={sa_family=AF_INET",
            "PollEvents=AFD_POLL_RECEIVE|AFD_POLL_LOCAL_CLOSE, Status=0}]}",
        ],
    );
}

/// What the program prints whose requests end later, by Wine and by emu.
const OVERLAPPED: &str = "ports 1 same 1\r\n\
         begun -1 997\r\n\
         again -1 997\r\n\
         sent 3\r\n\
         \x20 packet 1 0 key 7 first count 3\r\n\
         \x20 packet 1 0 key 7 second count 5\r\n\
         \x20 one three\r\n\
         sent 0 5\r\n\
         \x20 packet 1 0 key 8 first count 5\r\n\
         at once 0 5\r\n\
         \x20 packet 1 0 key 7 second count 5\r\n\
         quiet -1 0 1\r\n\
         end -1\r\n\
         \x20 packet 1 0 key 7 first count 0\r\n\
         closed 0\r\n\
         begun -1 997\r\n\
         nothing 0 not alertable 0 0 then 192: 1 0 3 0 77 abc\r\n\
         sent 0 4 before 1 then 192: 2 0 4\r\n\
         pending -1 cancelled 1 then 192: 3 995 0\r\n\
         one 1 first 258 second 0 0 995 again 0 1168\r\n\
         closed 0 1\r\n\
         there 1 1 1 1 1\r\n\
         accept 0 997\r\n\
         unbound 0 10022\r\n\
         connect 1 0 1 5\r\n\
         accepted 0 1 5 first 16 1 16 1\r\n\
         update 0 0\r\n\
         transmit 1 0 1 8 8 <234567>\r\n\
         disconnect 1 end 0\r\n\
         idle 0 1 0\r\n\
         writable 1 10 0\r\n\
         readable 1 100 waiting 4\r\n\
         nonblocking -1 10035\r\n\
         mark 0 1\r\n\
         addresses -1 997 0 c0000120\r\n\
         shut -1 10058 end 0\r\n\
         broadcast 0 0 1\r\n\
         keepalive 0 0 1\r\n\
         reuse 0 0 1\r\n\
         oob 0 0 1\r\n\
         sndtimeo 0 0 1500\r\n\
         ttl 0 0 33\r\n\
         mcast ttl 0 0 5\r\n\
         mcast loop 0 0 0\r\n\
         nodelay 0 1\r\n\
         listens 0 0\r\n\
         protocol 0 1 2 1 6\r\n\
         unknown -1 10042\r\n\
         nowhere -1 10014\r\n\
         only -255 bind 0 length 28 connect 0 received 3 six\r\n\
         text 0 [::1]:80 9\r\n\
         short -1 10014 9\r\n\
         back 0 443\r\n\
         numbers 1 ::1\r\n\
         passive 0 1\r\n\
         ";

#[test]
fn ports_functions_and_events_tell_of_requests_that_end_later() {
    check(
        "overlapped.c",
        &["-lws2_32", "-lmswsock"],
        &[],
        (OVERLAPPED, 0),
        &[
            "NtCancelIoFileEx(",
            "STATUS_USER_APC",
            "STATUS_CANCELLED",
            "IOCTL_AFD_WINE_ACCEPT_INTO",
        ],
    );
}
