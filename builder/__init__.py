"""The toolkit that builds, tests and publishes the images; each module imports only from those before it."""
