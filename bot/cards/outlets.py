"""Table: how people name outlets whose host does not say it. Facts, one a line; the text's own spelling goes first."""

from __future__ import annotations

import regex

OUTLETS: dict[str, str] = {
    row.split()[0]: row.partition(" ")[2]
    for row in """
nytimes.com The New York Times
washingtonpost.com The Washington Post
wsj.com The Wall Street Journal
ft.com Financial Times
bbc.com BBC
bbc.co.uk BBC
cnn.com CNN
npr.org NPR
pbs.org PBS
abc.net.au ABC
abcnews.go.com ABC News
nbcnews.com NBC News
cbsnews.com CBS News
foxnews.com Fox News
apnews.com AP
reuters.com Reuters
afp.com AFP
bloomberg.com Bloomberg
theguardian.com The Guardian
thetimes.co.uk The Times
telegraph.co.uk The Telegraph
dailymail.co.uk Daily Mail
independent.co.uk The Independent
economist.com The Economist
theatlantic.com The Atlantic
newyorker.com The New Yorker
thediplomat.com The Diplomat
foreignpolicy.com Foreign Policy
foreignaffairs.com Foreign Affairs
scmp.com South China Morning Post
nymag.com New York Magazine
latimes.com Los Angeles Times
usatoday.com USA Today
politico.com Politico
politico.eu Politico Europe
axios.com Axios
vox.com Vox
wired.com Wired
techcrunch.com TechCrunch
theverge.com The Verge
arstechnica.com Ars Technica
nature.com Nature
science.org Science
sciencemag.org Science
thelancet.com The Lancet
nejm.org NEJM
pnas.org PNAS
arxiv.org arXiv
doi.org DOI
wikipedia.org Wikipedia
youtube.com YouTube
youtu.be YouTube
twitter.com Twitter
x.com X
facebook.com Facebook
instagram.com Instagram
tiktok.com TikTok
linkedin.com LinkedIn
medium.com Medium
substack.com Substack
github.com GitHub
reddit.com Reddit
t.me Telegram
weibo.com 微博
mp.weixin.qq.com 微信
drive.google.com Google Drive
docs.google.com Google Docs
thehill.com The Hill
huffpost.com HuffPost
huffingtonpost.com HuffPost
forbes.com Forbes
businessinsider.com Business Insider
engadget.com Engadget
propublica.org ProPublica
theintercept.com The Intercept
msnbc.com MSNBC
time.com Time
newsweek.com Newsweek
sfgate.com SFGate
cnbc.com CNBC
radiosvoboda.org Радіо Свобода
cbc.ca CBC
mirror.co.uk Mirror
thesun.co.uk The Sun
skynews.com Sky News
sky.com Sky News
prnewswire.com PR Newswire
yahoo.com Yahoo
who.int WHO
un.org UN
europa.eu European Union
weforum.org World Economic Forum
worldbank.org World Bank
imf.org IMF
oecd.org OECD
hrw.org Human Rights Watch
amnesty.org Amnesty International
rfa.org Radio Free Asia
voachinese.com 美国之音
voanews.com VOA
rferl.org RFE/RL
dw.com DW
spiegel.de Der Spiegel
zeit.de Die Zeit
faz.net FAZ
sueddeutsche.de Süddeutsche Zeitung
tagesschau.de Tagesschau
taz.de taz
bild.de Bild
welt.de Die Welt
handelsblatt.com Handelsblatt
nzz.ch NZZ
derstandard.at Der Standard
orf.at ORF
lemonde.fr Le Monde
lefigaro.fr Le Figaro
liberation.fr Libération
mediapart.fr Mediapart
lequipe.fr L’Équipe
rfi.fr RFI
france24.com France 24
elpais.com El País
elmundo.es El Mundo
abc.es ABC
eldiario.es elDiario.es
clarin.com Clarín
lanacion.com.ar La Nación
corriere.it Corriere della Sera
repubblica.it la Repubblica
ansa.it ANSA
folha.uol.com.br Folha de S.Paulo
globo.com Globo
publico.pt Público
nos.nl NOS
gazeta.pl Gazeta
wyborcza.pl Gazeta Wyborcza
rbc.ru РБК
kommersant.ru Коммерсантъ
meduza.io Медуза
novayagazeta.ru Новая газета
pravda.com.ua Українська правда
aljazeera.com Al Jazeera
aljazeera.net الجزيرة
haaretz.com Haaretz
timesofisrael.com The Times of Israel
jpost.com The Jerusalem Post
nhk.or.jp NHK
asahi.com 朝日新聞
yomiuri.co.jp 読売新聞
mainichi.jp 毎日新聞
nikkei.com 日本経済新聞
xinhuanet.com 新华社
people.com.cn 人民网
thepaper.cn 澎湃新闻
caixin.com 财新
chinadigitaltimes.net 中国数字时代
theinitium.com 端传媒
bnext.com.tw 數位時代
cna.com.tw 中央社
yna.co.kr 연합뉴스
hani.co.kr 한겨레
""".strip().splitlines()
}

_KNOWN = frozenset(name.removeprefix("The ") for name in OUTLETS.values())
_PAPER = regex.compile(
    r"\s(?:Times|Post|News|Herald|Tribune|Gazette|Journal|Weekly|Daily|Mail|Guardian|Telegraph|Observer|Chronicle|Courier|Examiner|Inquirer|Bulletin|Zeitung|Tagblatt|Tageblatt|Anzeiger|Kurier|Rundschau|Nachrichten)$"
)


def is_outlet(name: str) -> bool:
    """Whether a name is a newspaper's or its like."""
    return name.removeprefix("The ") in _KNOWN or bool(_PAPER.search(name))
