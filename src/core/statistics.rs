//! What a few results say of many: mean, standard deviation, and where the mean may lie.

/// Two-sided 95 % points of Student's t by degrees of freedom, from 1 (any table; here to three places).
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// The same point of the normal distribution, which Student's comes close to.
const NORMAL: f64 = 1.959_964;

/// Some results in sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n - 1; none of fewer than two.
    pub deviation: Option<f64>,
    /// Half the width of the 95 % interval of the mean, by Student's t; none of fewer than two.
    pub half_width: Option<f64>,
}

impl Sample {
    /// The 95 % interval of the mean of shares, which are never under 0 or over 1; none of fewer than two.
    #[must_use]
    pub fn interval_of_shares(&self) -> Option<[f64; 2]> {
        let half = self.half_width?;
        Some([(self.mean - half).max(0.0), (self.mean + half).min(1.0)])
    }
}

/// Sums results up; nothing of none.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "results are counted, not weighed")]
pub fn sample(values: &[f64]) -> Option<Sample> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (count > 1).then(|| (squares / (count - 1) as f64).sqrt());
    let half_width = deviation.map(|it| student(count - 1) * it / (count as f64).sqrt());
    Some(Sample { count, mean, deviation, half_width })
}

/// The two-sided 95 % point of Student's t.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "results are counted, not weighed")]
pub fn student(freedom: usize) -> f64 {
    match freedom {
        0 => f64::INFINITY,
        1..=30 => STUDENT[freedom - 1],
        _ => {
            // The first terms of the expansion in 1/n: right to four places from 30 on.
            let (z, n) = (NORMAL, freedom as f64);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            z + first / n + second / n.powi(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_student_are_those_of_the_tables() {
        let known = [(1, 12.706), (4, 2.776), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980)];
        for (freedom, point) in known {
            assert!((student(freedom) - point).abs() < 6e-4, "{freedom}: {}", student(freedom));
        }
        let all = (1..500).map(student);
        assert!(all.collect::<Vec<_>>().is_sorted_by(|one, next| one > next));
    }

    #[test]
    fn a_few_results_are_summed_up() {
        assert_eq!(sample(&[]), None);
        let one = sample(&[0.5]).unwrap();
        assert_eq!((one.mean, one.deviation, one.half_width), (0.5, None, None));
        let three = sample(&[0.90, 0.92, 0.94]).unwrap();
        assert!((three.mean - 0.92).abs() < 1e-12);
        assert!((three.deviation.unwrap() - 0.02).abs() < 1e-12);
        let near = sample(&[0.99, 0.97]).unwrap().interval_of_shares().unwrap();
        assert!(
            (near[1] - 1.0).abs() < 1e-12 && (near[0] - (0.98 - 12.706 * 0.01)).abs() < 1e-12,
            "{near:?}"
        );
        assert!(sample(&[0.0, 0.01]).unwrap().interval_of_shares().unwrap()[0].abs() < 1e-12);
        assert!((three.half_width.unwrap() - 4.303 * 0.02 / 3.0_f64.sqrt()).abs() < 1e-12);
    }
}
