use crate::draw::Draw;
use crate::tables;

/// What the shop sells: 16 categories with 150 products each.
#[derive(Debug)]
pub struct Catalogue {
    pub categories: Vec<&'static str>,
    products: Vec<Product>,
}

#[derive(Debug)]
pub struct Product {
    pub id: String,
    pub name: String,
    pub category: &'static str,
    pub price: Cents,
}

/// Money, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cents(pub i64);

const PER_CATEGORY: usize = 150;

impl Catalogue {
    pub fn draw(draw: &mut Draw) -> Self {
        let (nouns, styles) = (tables::product_nouns(), tables::product_styles());
        let products = nouns.iter().flat_map(|(category, middle, nouns)| {
            (0..PER_CATEGORY)
                .map(|n| (*category, *middle, nouns[n % nouns.len()], styles[(n * 7 + n / 10) % styles.len()]))
        });
        let products = products.map(|(category, middle, noun, style)| Product {
            id: draw.uuid(),
            name: format!("{style} {noun}"),
            category,
            price: price(draw, middle),
        });
        let products = products.collect();
        Self { categories: nouns.iter().map(|(category, ..)| *category).collect(), products }
    }

    /// Picks a product of a category, best sellers more often.
    pub fn pick(&self, draw: &mut Draw, category: usize) -> &Product {
        let shelf = &self.products[category * PER_CATEGORY..(category + 1) * PER_CATEGORY];
        draw.pick_zipf(shelf, 20.0)
    }
}

/// Log-normal around the middle, and ending like prices end.
fn price(draw: &mut Draw, middle: f64) -> Cents {
    let dollars = (middle * (0.7 * draw.normal()).exp()).clamp(2.0, 9_999.0) as i64;
    Cents(dollars * 100 + [99, 99, 99, 49, 95][draw.below(5)])
}

impl Cents {
    #[must_use]
    pub fn ten_percent_off(self) -> Self {
        Self((self.0 * 9 + 5) / 10)
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(|cents| cents.0).sum())
    }
}

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl serde::Serialize for Cents {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_cents_and_stay_exact() {
        let prices = [Cents(3_499), Cents(1_001)];
        let total: Cents = prices.into_iter().sum();
        assert_eq!((total.to_string(), total.ten_percent_off().to_string()), ("45.00".into(), "40.50".into()));
        assert_eq!(serde_json::to_string(&Cents(16_998)).expect("a number"), "169.98");
        assert_eq!(Cents(1_205).to_string(), "12.05");
    }
}
