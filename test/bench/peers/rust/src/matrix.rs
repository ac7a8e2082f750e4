//! A matrix from nested lists of JSON, flat in memory.

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::Deserialize;
use std::fmt;

#[derive(Default)]
pub struct Matrix {
    pub data: Vec<f64>,
    pub columns: usize,
}

impl Matrix {
    pub fn rows(&self) -> usize {
        self.data.len() / self.columns.max(1)
    }

    pub fn transposed(&self) -> Self {
        let rows = self.rows();
        let data = (0..self.data.len()).map(|at| self.data[at % rows * self.columns + at / rows]).collect();
        Self { data, columns: rows }
    }
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows)
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Matrix;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Matrix, A::Error> {
        let mut matrix = Matrix::default();
        while let Some(length) = rows.next_element_seed(Row(&mut matrix.data))? {
            if matrix.columns == 0 {
                matrix.columns = length;
            }
            if length != matrix.columns {
                return Err(A::Error::custom("rows differ in length"));
            }
        }
        Ok(matrix)
    }
}

/// Appends the numbers of a row, and counts them.
struct Row<'a>(&'a mut Vec<f64>);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = usize;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<usize, A::Error> {
        let before = self.0.len();
        while let Some(number) = numbers.next_element()? {
            self.0.push(number);
        }
        Ok(self.0.len() - before)
    }
}
