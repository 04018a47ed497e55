//! Bits of HTML: text made harmless, figures with a caption, tables.
//!
//! Used by the report of a run and the page about a corpus. Main thread.

use std::fmt::{self, Display, Write};

/// Text of whatever origin, as it may stand in HTML.
pub struct Text<'a>(pub &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // What a terminal would obey, and what HTML does not have.
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A picture under its caption, which a screen reader gets as its name.
pub fn figure(caption: &str, svg: &str) -> String {
    let svg = svg.trim_start_matches(|c| c != '<');
    let caption = Text(caption);
    format!(
        "<figure><figcaption>{caption}</figcaption>\n\
         <div role=\"img\" aria-label=\"{caption}\">{svg}</div></figure>\n"
    )
}

/// A table. `class` names may be empty; a row is a class and its cells, which are text.
pub fn table(class: &str, head: &[&str], rows: &[(&str, Vec<String>)]) -> String {
    let mut html = format!("<div class=\"wide\"><table class=\"{class}\"><thead><tr>");
    for name in head {
        let _ = write!(html, "<th scope=\"col\">{}</th>", Text(name));
    }
    html += "</tr></thead><tbody>\n";
    for (class, cells) in rows {
        let _ = write!(html, "<tr class=\"{class}\">");
        for cell in cells {
            let _ = write!(html, "<td>{}</td>", Text(cell));
        }
        html += "</tr>\n";
    }
    html + "</tbody></table></div>\n"
}

/// A stretch of time.
pub fn time(seconds: f64) -> String {
    let whole = seconds.clamp(0.0, 1e9).round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_of_a_tune_becomes_markup() {
        let text = Text("<b>\"Fish\" & \u{1b}chips</b>").to_string();
        assert_eq!(text, "&lt;b&gt;&quot;Fish&quot; &amp;  chips&lt;/b&gt;");
    }

    #[test]
    fn times_are_read_easily() {
        let times = [0.26, 59.4, 61.0, 3599.0, 7384.0].map(time);
        assert_eq!(
            times,
            ["0.3 s", "59.4 s", "1 min 01 s", "59 min 59 s", "2 h 03 min"]
        );
    }
}
