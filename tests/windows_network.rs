//! Sockets of Windows through Winsock of Wine's.

mod bounded;
mod compilers;
mod wine;

use wine::check;

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

#[test]
fn ports_functions_and_events_tell_of_sockets() {
    check(
        "sockets_ports.c",
        &["-lws2_32"],
        &[],
        (
            "joined 1\r\n\
             receive -1 997\r\n\
             nothing yet: 0 key 0 transfer 99 bytes 0 error 258\r\n\
             received: 1 key 5 transfer 1 bytes 3 error 0\r\n\
             receive -1 997\r\n\
             called: error 0 bytes 5\r\n\
             sleep 192\r\n\
             event 258 0\r\n",
            0,
        ),
        &["STATUS_PENDING"],
    );
}
