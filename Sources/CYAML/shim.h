/* libyaml, which reads YAML (libyaml-dev). How it is linked: see hellod in Package.swift. */
#include <yaml.h>
