from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from hookline.catalogue import GROUP, Catalogue
from hookline.errors import PluginError
from hookline.plugin import Plugin


class NoHooks:
    def __init__(self, tenant):
        pass


def install(folder: Path, distribution: str, points: dict[str, str], **modules: str) -> list:
    """Put a distribution on disk as pip would, and return its entry points as the metadata reader sees them."""
    info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    found = importlib.metadata.Distribution.at(info)
    return [point for point in found.entry_points if point.group == GROUP]


GOOD = "from hookline.plugin import Plugin\nplugin = Plugin(name='{name}', hooks=object)\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_the_installed_plugins_are_found_by_their_entry_points(site):
    points = install(site, "hookline-sun", {"sun": "sun_plugin:plugin"}, sun_plugin=GOOD.format(name="sun"))
    catalogue = Catalogue.read(points)
    assert catalogue.names == ("sun",)
    assert catalogue.get("sun").name == "sun"
    assert "sun" in catalogue
    assert len(catalogue) == 1


def test_a_broken_plugin_is_named_with_its_distribution_and_cause_and_the_others_still_load(site):
    points = [
        *install(site, "hookline-rain", {"rain": "rain_plugin:plugin"}, rain_plugin="import no_such_library\n"),
        *install(site, "hookline-wind", {"wind": "wind_plugin:plugin"}, wind_plugin=GOOD.format(name="wind")),
    ]
    catalogue = Catalogue.read(points)
    assert catalogue.names == ("wind",)
    with pytest.raises(PluginError) as caught:
        catalogue.get("rain")
    assert str(caught.value) == (
        "plugin 'rain' ('rain_plugin:plugin' of distribution 'hookline-rain') can't be loaded: "
        "ModuleNotFoundError: No module named 'no_such_library'"
    )


def test_an_entry_point_that_is_no_plugin_is_refused(site):
    points = install(site, "hookline-fog", {"fog": "fog_plugin:plugin"}, fog_plugin="plugin = 42\n")
    assert (
        Catalogue.read(points)
        .broken["fog"]
        .endswith("can't be loaded: fog_plugin:plugin is a int, must be a hookline.plugin.Plugin")
    )


def test_a_plugin_whose_name_differs_from_its_entry_point_is_refused(site):
    points = install(site, "hookline-ice", {"ice": "ice_plugin:plugin"}, ice_plugin=GOOD.format(name="snow"))
    assert (
        "the plugin calls itself 'snow', its entry point 'ice'; they must agree" in Catalogue.read(points).broken["ice"]
    )


def test_two_distributions_with_a_plugin_of_one_name_are_refused(site):
    points = [
        *install(site, "hookline-hail", {"hail": "hail_plugin:plugin"}, hail_plugin=GOOD.format(name="hail")),
        *install(site, "other-hail", {"hail": "other_hail:plugin"}, other_hail=GOOD.format(name="hail")),
    ]
    with pytest.raises(PluginError) as caught:
        Catalogue.read(points)
    assert str(caught.value) == (
        "two plugins are called 'hail': 'hail_plugin:plugin' of distribution 'hookline-hail' and "
        "'other_hail:plugin' of distribution 'other-hail'; uninstall one of them"
    )


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest_and_the_command():
    catalogue = Catalogue.of([Plugin("rag", NoHooks), Plugin("webchat", NoHooks)])
    with pytest.raises(PluginError) as caught:
        catalogue.get("webchatt")
    assert str(caught.value) == (
        "plugin 'webchatt' is not installed; did you mean 'webchat'? (installed: rag, webchat); "
        "install it with: pip install hookline-webchatt"
    )


def test_a_tenants_own_code_is_installed_from_its_folder():
    with pytest.raises(PluginError, match=r"pip install -e tenants/telecom$"):
        Catalogue.of([]).get("tenant_telecom")


def test_a_catalogue_for_a_test_refuses_a_name_that_occurs_twice():
    with pytest.raises(PluginError, match="two plugins are called 'rag'; plugin names are unique"):
        Catalogue.of([Plugin("rag", NoHooks), Plugin("rag", NoHooks)])


def test_what_is_installed_here_can_be_loaded():
    assert Catalogue.load().broken == {}
