"""Several containers together, under real use, faults and attack: `./inv test --system`."""
