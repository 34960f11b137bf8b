//! One line of an event log, read fast: a long log holds little else than lines of progress.

use crate::run::event::Event;

/// How every line of progress begins.
const PROGRESS: &[u8] = b"{\"event\":\"progress\",";

/// Whether the line is one of progress, without reading it.
#[must_use]
pub fn is_progress(line: &[u8]) -> bool {
    line.starts_with(PROGRESS)
}

/// The event of a line; torn and foreign lines are [`Event::Unknown`].
#[must_use]
pub fn read(line: &[u8]) -> Event {
    progress(line).unwrap_or_else(|| serde_json::from_slice(line).unwrap_or(Event::Unknown))
}

/// A line of progress as this program's trainer writes it; nothing where any sign is another.
///
/// A loss that is no number, which no JSON holds, is read as what it says: it must not go unseen.
fn progress(line: &[u8]) -> Option<Event> {
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("{\"event\":\"progress\",\"step\":")?;
    let (step, rest) = value(rest)?;
    let (level, rest) = value(rest.strip_prefix("\"level\":")?)?;
    let (level_step, rest) = value(rest.strip_prefix("\"level_step\":")?)?;
    let (epoch, rest) = value(rest.strip_prefix("\"epoch\":")?)?;
    let (train_loss, rest) = value(rest.strip_prefix("\"train_loss\":")?)?;
    let (lr, rest) = value(rest.strip_prefix("\"lr\":")?)?;
    let speed = rest.strip_prefix("\"images_per_second\":")?.strip_suffix('}')?;
    Some(Event::Progress {
        step: step.parse().ok()?,
        level: if level == "null" { None } else { Some(level.parse().ok()?) },
        level_step: level_step.parse().ok()?,
        epoch: epoch.parse().ok()?,
        train_loss: float(train_loss)?,
        lr: float(lr)?,
        images_per_second: float(speed)?,
    })
}

/// What stands before the next comma, and what comes after it.
fn value(text: &str) -> Option<(&str, &str)> {
    // A few letters: looking at each is quicker than a search that is made for long texts.
    let at = text.bytes().position(|byte| byte == b',')?;
    Some((&text[..at], &text[at + 1..]))
}

fn float(text: &str) -> Option<f64> {
    if text == "null" { Some(f64::NAN) } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_progress_read_as_json_does() {
        for level in ["null", "3"] {
            for loss in ["2.3025851249694824", "1e-7", "0.0", "12"] {
                let line = format!(
                    "{{\"event\":\"progress\",\"step\":42,\"level\":{level},\"level_step\":2,\"epoch\":1,\
                     \"train_loss\":{loss},\"lr\":0.1,\"images_per_second\":812.25}}"
                );
                let slow: Event = serde_json::from_str(&line).unwrap();
                assert_eq!(progress(line.as_bytes()), Some(slow));
                assert!(is_progress(line.as_bytes()));
            }
        }
    }

    #[test]
    fn other_orders_are_left_to_json_and_torn_lines_are_unknown() {
        let event = Event::Progress {
            step: 1,
            level: None,
            level_step: 1,
            epoch: 0,
            train_loss: 0.5,
            lr: 0.1,
            images_per_second: 9.0,
        };
        let sorted = serde_json::json!(event).to_string();
        assert_eq!(read(sorted.as_bytes()), event);
        let newer = serde_json::to_string(&event).unwrap().replace("9.0}", "9.0,\"new\":1}");
        assert_eq!(read(newer.as_bytes()), event);
        for torn in ["", "{", "{\"event\":\"progress\",\"step\":4", "\u{fffd}", "null"] {
            assert_eq!(read(torn.as_bytes()), Event::Unknown, "{torn}");
        }
    }

    #[test]
    fn a_loss_that_is_no_number_is_seen_as_such() {
        let line = |loss: &str| {
            format!(
                "{{\"event\":\"progress\",\"step\":1,\"level\":null,\"level_step\":1,\"epoch\":0,\
                 \"train_loss\":{loss},\"lr\":0.1,\"images_per_second\":1}}"
            )
        };
        for loss in ["NaN", "null", "inf"] {
            let Event::Progress { train_loss, .. } = read(line(loss).as_bytes()) else {
                panic!("{loss}")
            };
            assert!(!train_loss.is_finite(), "{loss}");
        }
    }
}
