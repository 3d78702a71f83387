//! Disassembly for people, by capstone.
