//! Does the network do what sockets of Linux do?
