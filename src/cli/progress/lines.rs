//! The two lines of a build that is on its way, for any width: neither is ever wider than the terminal.

use tamis::report::summary::bytes;

/// What there is to show.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Unpacked bytes of the corpus.
    pub total: u64,
    /// The share of all work that is done.
    pub fraction: f64,
    /// The share that is done in a second, once that is known.
    pub speed: Option<f64>,
    /// Resident memory in bytes.
    pub memory: Option<u64>,
    /// What the part at work does.
    pub does: String,
    /// Its units: how many are done, how many there are, and whether these are bytes. None before the build itself.
    pub part: Option<(u64, u64, bool)>,
}

/// A bar is no shorter than this, or left out.
const LEAST_BAR: usize = 8;

/// And no longer than this.
const MOST_BAR: usize = 40;

/// All parts together: share, done of total, rate, time left, memory.
pub fn overall(view: &View, width: usize) -> String {
    let fraction = view.fraction.clamp(0.0, 1.0);
    let done = (view.total as f64 * fraction) as u64;
    let rate = view.speed.map_or_else(String::new, |speed| format!("{}/s", bytes((speed * view.total as f64) as u64)));
    let left = view.speed.map_or_else(String::new, |speed| format!("{} left", duration((1.0 - fraction) / speed)));
    let memory = view.memory.map_or_else(String::new, |memory| format!("{} RAM", bytes(memory)));
    let mut fields = vec![
        format!("{:>8} of {}", bytes(done), bytes(view.total)),
        format!("{rate:>10}"),
        format!("{left:>9}"),
        format!("{memory:>12}"),
    ];
    let head = format!("{:3.0} %", (fraction * 100.0).floor());
    // What counts least goes first where there is no room.
    while fields.len() > 1 && length(&head) + 1 + LEAST_BAR + joined(&fields) > width {
        fields.pop();
    }
    let room = width.saturating_sub(length(&head) + 1 + joined(&fields));
    let line = match room {
        LEAST_BAR.. => format!("{head} {}  {}", bar(fraction, room.min(MOST_BAR)), fields.join("  ")),
        _ => format!("{head}  {}", fields.join("  ")),
    };
    cut(line.trim_end(), width)
}

/// The part at work.
pub fn part(view: &View, width: usize) -> String {
    let Some((done, units, in_bytes)) = view.part else { return cut(&format!("      {}", view.does), width) };
    let amount = match in_bytes {
        true => format!("{:>8} of {}", bytes(done), bytes(units)),
        false if units > 0 => format!("{:3.0} %", (done as f64 * 100.0 / units as f64).floor()),
        false => String::new(),
    };
    let room = width.saturating_sub(length(&amount) + 8);
    let does = cut(&view.does, room);
    cut(format!("      {does}  {amount}").trim_end(), width)
}

/// A line of at most `width` characters.
fn cut(line: &str, width: usize) -> String {
    if length(line) <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn bar(fraction: f64, width: usize) -> String {
    let done = ((width as f64) * fraction) as usize;
    "━".repeat(done) + &"─".repeat(width - done)
}

fn joined(fields: &[String]) -> usize {
    fields.iter().map(|field| length(field) + 2).sum()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Seconds as a person says them.
fn duration(seconds: f64) -> String {
    match seconds.ceil() as u64 {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6000 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h", (seconds + 1800) / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View {
            total: 137_257_096,
            fraction: 0.625,
            speed: Some(0.05),
            memory: Some(312_000_000),
            does: "pass 3 of 6: boilerplate".to_owned(),
            part: Some((12_100_000, 137_257_096, true)),
        }
    }

    #[test]
    fn at_eighty_columns_all_is_told() {
        let line = overall(&view(), 79);
        assert_eq!(line, " 62 % ━━━━━━━━──────   85.8 MB of 137.3 MB    6.9 MB/s   8 s left  312.0 MB RAM");
        assert_eq!(part(&view(), 79), "      pass 3 of 6: boilerplate   12.1 MB of 137.3 MB");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_it_tells() {
        let large = View {
            total: 999_900_000_000_000,
            fraction: 0.999,
            speed: Some(0.000_001),
            memory: Some(999_900_000_000),
            does: "unpacking a/very/long/name/".repeat(20),
            part: Some((999_900_000_000_000, 999_900_000_000_000, true)),
        };
        let early = View { part: None, speed: None, memory: None, fraction: 0.0, ..large.clone() };
        for view in [view(), large, early] {
            for width in [1, 20, 40, 79, 159, 300] {
                for line in [overall(&view, width), part(&view, width)] {
                    assert!(length(&line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn time_left_is_said_in_one_unit() {
        assert_eq!([0.2, 99.0, 100.0, 5999.0, 7000.0].map(duration), ["1 s", "99 s", "2 min", "100 min", "2 h"]);
    }
}
