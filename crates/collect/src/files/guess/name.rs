//! Names of columns as words, and as names of ours.

/// Returns the words of a name: lower-case, without accents, parted where case or anything but letters and digits parts them.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
                    || before.is_ascii_digit()
            });
        let numbers = letter.is_ascii_digit() && before.is_some_and(char::is_alphabetic);
        if !letter.is_alphanumeric() || starts || numbers {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            let last = words.last_mut().expect("there is a word at hand");
            letter.to_lowercase().for_each(|letter| last.push_str(&plain(letter)));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a name is looked up by.
pub(super) fn joined(words: &[String]) -> String {
    words.concat()
}

/// Returns the name as ours are written: `OrderTotal` → `order_total`, and dots stay. A name without a letter that we write stays as it is.
pub(super) fn snake(name: &str) -> String {
    let parts = name.split('.').map(|part| words_of(part).join("_")).filter(|part| !part.is_empty());
    let snake = parts.collect::<Vec<_>>().join(".");
    if !snake.is_empty() {
        return snake;
    }
    let bare = name.replace('.', "_");
    if bare.trim().is_empty() { "value".to_owned() } else { bare }
}

/// Returns the name as a kind of identifier.
pub(super) fn kind_of(name: &str) -> String {
    let snake = snake(name);
    let kind: String = snake.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    let kind: String = kind.trim_matches('_').chars().take(64).collect();
    if kind.is_empty() || kind == model::kinds::GROUP_ID { "row_id".to_owned() } else { kind }
}

/// Returns a file's name without its endings.
pub(super) fn of_file(path: &std::path::Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ends = [".gz", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".parquet"];
    let bare = ends.iter().fold(name.as_str(), |name, end| name.strip_suffix(end).unwrap_or(name));
    bare.to_owned()
}

/// Returns words with capitals, as events are called: `order_items` → `Order Items`.
pub(super) fn title(name: &str) -> String {
    let capital = |word: String| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    let words: Vec<String> = words_of(name).into_iter().filter_map(capital).collect();
    if words.is_empty() { "Imported".to_owned() } else { words.join(" ") }
}

/// A letter without its accent.
fn plain(letter: char) -> String {
    let plain = match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'š' | 'ś' | 'ş' => "s",
        'ß' => "ss",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        other => return other.to_string(),
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_into_words() {
        let shown = |name: &str| words_of(name).join(" ");
        assert_eq!(shown("EmailAddress"), "email address");
        assert_eq!(shown("customerID"), "customer id");
        assert_eq!(shown("HTTPServerName"), "http server name");
        assert_eq!(shown(" given_name"), "given name");
        assert_eq!(shown("Größe (cm)"), "grosse cm");
        assert_eq!(shown("phone2"), "phone 2");
    }

    #[test]
    fn names_of_ours() {
        assert_eq!(snake("OrderTotal"), "order_total");
        assert_eq!(snake("who.eMail"), "who.e_mail");
        assert_eq!(snake("??"), "??");
        assert_eq!(kind_of("Mitglieds-Nr."), "mitglieds_nr");
        assert_eq!(kind_of("名前"), "row_id");
    }
}
