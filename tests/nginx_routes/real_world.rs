//! Configurations as people run them, with what must happen.
