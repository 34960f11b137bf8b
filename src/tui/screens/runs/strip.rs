//! A line for each GPU: load, memory, temperature, power, and whose it is.

use ratatui::text::{Line, Span};

use crate::{
    gpus::{Gpu, bytes},
    theme::styles::Styles,
    widgets::{
        bar::bar,
        text::{cut, right},
    },
};

/// A GPU in one line; what it does not measure is left out, never 0.
#[must_use]
pub fn line(gpu: &Gpu, width: usize, styles: Styles<'_>) -> Line<'static> {
    let cells = if width >= 100 { 10 } else { 5 };
    let load = gpu.utilization.map_or("  - ".to_owned(), |load| right(&format!("{load} %"), 5));
    let measured = [
        gpu.temperature.map(|degrees| format!("  {degrees} °C")),
        gpu.power.map(|watts| format!("  {watts} W")),
    ];
    let memory = format!(" {} of {}", bytes(gpu.memory_used), bytes(gpu.memory_total));
    let mut spans = vec![
        Span::styled(format!(" cuda:{} ", gpu.index), styles.strong()),
        Span::styled(
            if width >= 100 { cut(&gpu.name, 20) + " " } else { String::new() },
            styles.faint(),
        ),
        Span::styled(bar(f64::from(gpu.utilization.unwrap_or(0)) / 100.0, cells), styles.good()),
        Span::raw(load + "  "),
        Span::styled(bar(gpu.memory_share(), cells), styles.warn()),
        Span::raw(memory),
    ];
    spans.extend(measured.into_iter().flatten().map(Span::raw));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled(
        format!("  {}", cut(&gpu.whose(), width.saturating_sub(used + 2))),
        styles.faint(),
    ));
    Line::from(spans)
}
