"""Building: the inputs of each stage, the bake file, the check of precompiled plugins, and the pipeline."""
