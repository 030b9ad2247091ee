"""What a plugin of these images cannot go on with."""


class PluginError(Exception):
    """A start that cannot go on, in one line: "where: what is wrong. What to do.".

    It is printed as an ERROR of Orthanc, and the container ends.
    """
