//! How figures are written down: what was measured, what it should be, and how busy the machine was.

use std::{fmt::Display, time::Duration};

/// Prints each figure as soon as it is known.
#[derive(Default)]
pub struct Report {
    met: usize,
    missed: Vec<String>,
    title: &'static str,
}

impl Report {
    /// Begins a group of figures.
    pub fn begin(&mut self, title: &'static str) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        println!("\n{title} (load of the last minute {}, {cores} cores)", load());
        self.title = title;
    }

    /// A figure that should be at most `limit`.
    pub fn at_most(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        self.judge(what, value, value <= limit, &format!("at most {limit} {unit}"), unit);
    }

    /// A figure that should be at least `limit`.
    pub fn at_least(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        self.judge(what, value, value >= limit, &format!("at least {limit:.0} {unit}"), unit);
    }

    /// A figure without a target.
    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    pub fn note(&self, what: &str, value: impl Display) {
        println!("  {what:<64} {value}");
    }

    /// Says how many targets were met.
    pub fn end(&self) {
        println!("\n{} targets met, {} missed", self.met, self.missed.len());
        for missed in &self.missed {
            println!("  missed: {missed}");
        }
    }

    fn judge(&mut self, what: &str, value: f64, is_met: bool, target: &str, unit: &str) {
        let verdict = if is_met { "met" } else { "MISSED" };
        println!("  {what:<64} {:>14}   {target:<22} {verdict}", format!("{value:.1} {unit}"));
        if is_met {
            self.met += 1;
        } else {
            self.missed.push(format!("{}, {what}: {value:.1} {unit}, {target}", self.title));
        }
    }
}

/// Many times of the same thing, in milliseconds.
pub struct Times(Vec<f64>);

impl Times {
    /// From any order.
    pub fn new(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::of_milliseconds(times.into_iter().map(|time| time.as_secs_f64() * 1e3))
    }

    /// From any order.
    pub fn of_milliseconds(times: impl IntoIterator<Item = f64>) -> Self {
        let mut times: Vec<f64> = times.into_iter().collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The time that `percent` of all are no longer than (nearest rank); 0 where there is none.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// `p50 1.2, p99 3.4, longest 5.6 ms`.
    pub fn summary(&self) -> String {
        let [half, most, all] = [50, 99, 100].map(|percent| self.percentile(percent));
        format!("p50 {half:.1}, p99 {most:.1}, longest {all:.1} ms")
    }
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}
