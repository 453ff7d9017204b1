"""User names and passwords for sites: where they are sent, where never, and that nothing shows them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from bot.credentials import Credentials, exposed, load
from bot.errors import SettingsError, SourceError
from bot.fetch import Fetcher
from bot.model import Site
from bot.sources.rest import Api
from bot.sources.wordpress import WordPress
from tests.serving import Handler, Serve

SECRET = "hunter2 ABCD"
BASIC = "Basic " + base64.b64encode(f"bot:{SECRET}".encode()).decode()


def written(folder: Path, text: str) -> Path:
    file = folder / "credentials.toml"
    file.write_text(text)
    file.chmod(0o600)
    return file


def entry(url: str, folder: Path) -> Credentials:
    return load(written(folder, f'["{url}"]\nuser = "bot"\npassword = "{SECRET}"\n'), insecure=True)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.example/news/", True),
        ("https://a.example/news", True),
        ("https://a.example/news/wp-json/wp/v2/posts?page=1", True),
        ("https://a.example/news?rest_route=/", True),
        ("https://A.example:443/news/", True),
        ("http://a.example/news/", False),
        ("https://a.example:8443/news/", False),
        ("https://www.a.example/news/", False),
        ("https://a.example/newsroom/", False),
        ("https://a.example/", False),
        ("https://a.example/news/../admin/", False),
        ("https://a.example/news/%2e%2e/admin/", False),
        ("https://a.example/news/%252e%252e/admin/", False),
        ("https://a.example.evil.example/news/", False),
    ],
)
def test_credentials_belong_to_their_origin_and_path(tmp_path: Path, url: str, sent: bool) -> None:
    assert bool(entry("https://a.example/news/", tmp_path).header(URL(url))) == sent


def test_the_longest_path_that_fits_is_the_one(tmp_path: Path) -> None:
    text = "".join(f'["https://a.example{path}"]\nuser="{path[1:]}x"\npassword="p"\n' for path in ("/", "/b/", "/b/c/"))
    found = load(written(tmp_path, text))
    said = [
        base64.b64decode(found.header(URL(f"https://a.example{path}")).split()[1]) for path in ("/d", "/b", "/b/c/d")
    ]
    assert said == [b"x:p", b"b/x:p", b"b/c/x:p"]


def test_a_password_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    file = written(tmp_path, '["https://a.example"]\nuser = "bot"\npassword_file = "secret"\n')
    assert load(file).header(URL("https://a.example/any")) == BASIC


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f'["https://a.example/"]\nuser = "bot"\npassword = "{SECRET}', "no TOML"),
        (f'["a.example"]\nuser = "bot"\npassword = "{SECRET}"', "write each entry like"),
        (f'["https://bot:{SECRET}@a.example/"]\nuser = "bot"\npassword = "{SECRET}"', "write each entry like"),
        (f'["https://a.example/?p=1"]\nuser = "bot"\npassword = "{SECRET}"', "write each entry like"),
        (f'["http://a.example/"]\nuser = "bot"\npassword = "{SECRET}"', "in the clear"),
        (f'"https://a.example/" = "{SECRET}"', "in quotation marks"),
        ('["https://a.example/"]\nuser = "bot"\npassword = 7', "in quotation marks"),
        (f'["https://a.example/"]\nuser = "bot"\npasswort = "{SECRET}"', "none of password, password_file, user"),
        (f'["https://a.example/"]\npassword = "{SECRET}"', "needs a user"),
        ('["https://a.example/"]\nuser = "bot"', "either a password or a password_file"),
        (f'["https://a.example/"]\nuser = "bot"\npassword = "{SECRET}"\npassword_file = "x"', "either a password"),
        (f'["https://a.example/"]\nuser = "b:t"\npassword = "{SECRET}"', "no server can take"),
        (f'["https://a.example/"]\nuser = "bot"\npassword = "{SECRET}\\r\\nX: 1"', "no server can take"),
        ('["https://a.example/"]\nuser = "bot"\npassword = ""', "no server can take"),
        ('["https://a.example/"]\nuser = "bot"\npassword_file = "none-such"', "none-such cannot be read"),
    ],
)
def test_a_wrong_file_is_told_and_nothing_of_its_secrets(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as error:
        load(written(tmp_path, text))
    assert SECRET not in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none")


def test_a_file_that_everybody_may_read_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o644)
    file = written(tmp_path, '["https://a.example"]\nuser = "bot"\npassword_file = "secret"\n')
    assert list(exposed(file)) == [tmp_path / "secret"]
    file.chmod(0o604)
    assert list(exposed(file)) == [file, tmp_path / "secret"]


def test_nothing_shows_them(tmp_path: Path) -> None:
    found = entry("https://a.example", tmp_path)
    assert found
    assert not any(part in repr(found) for part in (SECRET, BASIC))


# Over the wire


@pytest.fixture
def seen() -> list[tuple[str, str]]:
    return []


def told(seen: list[tuple[str, str]], handler: Handler) -> Handler:
    async def noting(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, request.headers.get("Authorization", "")))
        return await handler(request)

    return noting


async def test_a_redirect_takes_them_along_to_their_own_origin_alone(
    tmp_path: Path,
    serve: Serve,
    seen: list[tuple[str, str]],
) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(text="elsewhere")

    other = await serve(told(seen, elsewhere))

    async def handler(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/in/next" if request.path == "/in/" else f"{other}/in/elsewhere")

    base = await serve(told(seen, handler))
    fetcher = Fetcher(allow_private=True, credentials=entry(f"{base}/in/", tmp_path))
    answer = await fetcher.get(f"{base}/in/")
    assert seen == [("/in/", BASIC), ("/in/next", BASIC), ("/in/elsewhere", "")]
    assert not answer.authorized
    await fetcher.close()


async def test_a_redirect_from_another_host_does_not_make_the_bot_show_them(
    tmp_path: Path,
    serve: Serve,
    seen: list[tuple[str, str]],
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text="inside")

    base = await serve(told(seen, handler))

    async def stranger(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(base)

    address = (await serve(stranger)).replace("127.0.0.1", "localhost")
    fetcher = Fetcher(allow_private=True, credentials=entry(base, tmp_path))
    assert not (await fetcher.get(address)).authorized
    assert (await fetcher.get(base)).authorized
    assert [header for _path, header in seen] == ["", BASIC]
    await fetcher.close()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", ['{"code": "incorrect_password"}', "<h1>No</h1>"])
async def test_a_refusal_speaks_of_the_credentials(
    tmp_path: Path,
    serve: Serve,
    status: int,
    body: str,
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="text/html")

    base = await serve(handler)
    fetcher = Fetcher(allow_private=True, credentials=entry(base, tmp_path))
    for reading in (
        WordPress(fetcher).discover(base),
        WordPress(fetcher).newest(Site(base, "A", f"{base}/wp-json/"), 1),
    ):
        with pytest.raises(SourceError, match="refuses the user or the password") as error:
            await reading
        assert SECRET not in str(error.value)
    await fetcher.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, '{"code": "rest_forbidden"}'),
        (200, '{"id": 7, "status": "draft", "title": {"rendered": "Not yet"}}'),
        (200, '{"id": 7, "status": "private"}'),
        (200, '{"id": 7, "status": "trash"}'),
    ],
)
async def test_what_only_a_known_user_may_see_is_withheld_from_everybody(
    tmp_path: Path,
    serve: Serve,
    status: int,
    body: str,
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="application/json")

    base = await serve(handler)
    fetcher = Fetcher(allow_private=True, credentials=entry(base, tmp_path))
    assert await Api(fetcher, f"{base}/wp-json/").post(7) is None
    await fetcher.close()


async def test_an_error_on_the_way_holds_nothing_of_them(tmp_path: Path, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    base = await serve(handler)
    fetcher = Fetcher(allow_private=True, tries=1, credentials=entry(base, tmp_path))
    with pytest.raises(SourceError) as error:
        await fetcher.get(base)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    await fetcher.close()
