//! A mapping file: the mapping, or every problem with its place.
#![no_main]

use collect::files::Mapping;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (mapping, problems) = Mapping::parse(text);
    assert_eq!(mapping.is_some(), problems.is_empty());
    let lines = text.lines().count() + 1;
    for problem in &problems {
        assert!(problem.line >= 1 && problem.column >= 1 && !problem.message.is_empty(), "{problem:?}");
        assert!(problem.line <= lines, "{problem:?} of {lines} lines");
    }
    let places: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert!(places.is_sorted(), "{places:?}");
    if let Some(mapping) = mapping {
        fuzz::files::check_rows(b"a,b,id\n1,2,3\n\"x\",,\n", &mapping);
    }
});
