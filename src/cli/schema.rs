//! `tamis schema`: the config's JSON Schema.

use tamis::config;

use super::{Failure, print};

pub fn run() -> Result<(), Failure> {
    print(&format!("{:#}\n", config::schema()))
}
