-- What rounding took from the sum of a metric rollup: ten values of 0.1 reach 1.
ALTER TABLE metric_rollups ADD COLUMN sum_rest REAL NOT NULL DEFAULT 0;
