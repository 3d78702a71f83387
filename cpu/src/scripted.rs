//! A CPU that plays back a script: for tests of what lies above, without an engine.
