//! Tables as text with aligned columns, because Telegram has no tables.

use pulldown_cmark::Alignment;
use unicode_width::UnicodeWidthStr;

/// A column is not widened beyond this for the sake of one long cell, which then stands out on the right.
const MAX_COLUMN: usize = 30;

/// So much of a row's width is aligned at most. Wider ones are wrapped by the screen anyway, and the text stays
/// linear in its source.
const MAX_WIDTH: usize = 100;

/// A table as it is read, cell by cell; the first row is the head.
#[derive(Debug, Default)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
    /// Where the last cell ends in the source, in bytes.
    cell_end: usize,
    /// Text and address of the links in the cells, where no link can be.
    pub(super) links: Vec<(String, String)>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, ..Self::default() }
    }

    pub(super) fn open_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn open_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(String::new());
        }
    }

    /// Ends a cell at a byte of the source.
    pub(super) fn close_cell(&mut self, end: usize) {
        self.cell_end = end;
    }

    /// Ends a row, which ends where `source` does. Markdown drops cells that the head has not, as the second half of
    /// `a || b` would be: they stay with the last cell.
    pub(super) fn close_row(&mut self, source: &str) {
        let rest = source.get(self.cell_end..).unwrap_or_default().trim().trim_matches('|').trim();
        if let (Some(cell), false) = (self.cell(), rest.is_empty()) {
            cell.push_str(" | ");
            cell.push_str(rest);
        }
    }

    /// The text of the current cell.
    pub(super) fn cell(&mut self) -> Option<&mut String> {
        self.rows.last_mut()?.last_mut()
    }

    /// The text of the current cell so far.
    pub(super) fn last_cell(&self) -> &str {
        self.rows.last().and_then(|row| row.last()).map_or("", String::as_str)
    }

    /// The lines, without a newline at the end.
    pub(super) fn render(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            if index == 1 {
                let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                text.push_str(&rules.join("-+-"));
                text.push('\n');
            }
            self.push_row(&mut text, row, &widths);
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.alignments.len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().clamp(*width, MAX_COLUMN.max(*width));
            }
        }
        let mut left = MAX_WIDTH;
        for width in &mut widths {
            *width = (*width).min(left);
            left -= *width;
        }
        widths
    }

    fn push_row(&self, text: &mut String, row: &[String], widths: &[usize]) {
        let filled = row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        for (index, cell) in row[..filled].iter().enumerate() {
            let free = widths.get(index).map_or(0, |width| width.saturating_sub(cell.width()));
            let before = match self.alignments.get(index) {
                Some(Alignment::Right) => free,
                Some(Alignment::Center) => free / 2,
                _ => 0,
            };
            if index > 0 {
                text.push_str(" | ");
            }
            text.extend(std::iter::repeat_n(' ', before));
            text.push_str(cell);
            if index + 1 < filled {
                text.extend(std::iter::repeat_n(' ', free - before));
            }
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::Alignment::{Center, None, Right};

    use super::Table;

    fn table(alignments: &[pulldown_cmark::Alignment], rows: &[&[&str]]) -> String {
        let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        Table { alignments: alignments.to_vec(), rows, ..Table::default() }.render()
    }

    #[test]
    fn columns_are_aligned_also_where_letters_are_wide() {
        let text = table(
            &[None, Right, Center, None],
            &[&["City", "Size", "x", "Note"], &["東京", "14", "yes", ""], &["Rome", "2800", "", "old"]],
        );
        let lines = [
            "City | Size |  x  | Note",
            "-----+------+-----+-----",
            "東京 |   14 | yes",
            "Rome | 2800 |     | old",
        ];
        assert_eq!(text, lines.join("\n"));
    }

    #[test]
    fn a_long_cell_widens_no_other_row() {
        let long = "l".repeat(500);
        let text = table(&[None, None], &[&["a", "b"], &[&long, "c"], &["d", "e"]]);
        let last = text.lines().last().unwrap();
        assert_eq!(last, format!("d{} | e", " ".repeat(29)));
        assert!(text.contains(&format!("{long} | c")));
    }

    #[test]
    fn a_row_of_very_many_columns_is_not_padded_without_end() {
        let wide: Vec<String> = (0..100).map(|_| "w".repeat(25)).collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        let mut narrow = vec![""; 100];
        narrow[99] = "n";
        let text = table(&[None; 100], &[&wide, &narrow]);
        assert!(text.lines().last().unwrap().len() <= 100 + 100 * " | ".len());
    }
}
