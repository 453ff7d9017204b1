"""Tables: the words by which languages say that someone says something, and who is meant by a pronoun."""

from __future__ import annotations

CUES: dict[str, str] = {
    "en": (
        "sighs shouts whispers apologized apologised put countered snapped shot retorted mused conceded boasted fumed sighed laughed shrugged opined advised shouted yelled whispered "
        "said says saying say told tells wrote writes writing added adds explained explains stated states argued argues"
        " noted notes warned warns claimed claims insisted insists recalled recalls asked asks replied replies concluded"
        " concludes remarked tweeted tweets posted declared declares continued continues commented admitted admits"
        " suggested suggests announced announces reported reports responded acknowledged pointed predicted emphasized"
        " emphasised stressed observed joked quipped testified urged vowed lamented complained revealed confirmed"
        " believes thinks described pleaded pledged cautioned countered reads read reflected shared shares conceded"
        " maintained mused contended asserted"
    ),
    "de": (
        "schreiben berichten erzählen erklären erzählten berichteten versicherte versichert räumte widersprach widerspricht ausdrückt ausdrückte zeigte konterte kontert meinte seufzt seufzte ergriff entgegnete entgegnet kündigte mutmaßt schimpft schimpfte schwärmt schwärmte resümierte lehnte nannte nennt hofft befürchtet befürchtete "
        "sagt sagte sagten sagen erklärt erklärte erklärten meint meinte betont betonte schreibt schrieb schrieben"
        " berichtet berichtete ergänzt ergänzte kritisiert kritisierte warnt warnte fordert forderte erzählt erzählte"
        " findet fand heißt hieß äußerte äußert kommentiert kommentierte erläutert erläuterte führt verrät verriet"
        " argumentiert argumentierte zitiert resümiert freut stellt verkündet verkündete versichert versicherte bilanziert"
        " antwortet antwortete urteilt urteilte bekräftigte bekräftigt mahnt mahnte weiß glaubt fügte fragt fragte"
        " beschreibt beschrieb teilte teilt unterstreicht unterstrich begründet begründete bestätigt bestätigte klagt klagte lobt lobte"
        " hofft hoffte ruft rief meldet meldete bedauert bedauerte gibt gab spricht sprach erinnert erinnerte bemerkt bemerkte"
    ),
    "fr": (
        "soupira répondit murmura lança déclara expliqua affirma ajouta écrivit raconta déplorent estiment affirment expliquent dénoncent écrivent soulignent soupire soupiré tempère s’emporte s’agace confirmé confirme réagi réagit ironise ironisé plaisante plaisanté jure juré tranche tranché observe observé insiste lâche lâché résume clame clamé prévient assène admet admettait concède concédé interpelle enrage veut "
        "dit disait déclare déclaré déclarait explique expliqué expliquait affirme affirmé affirmait ajoute ajouté ajoutait"
        " souligne souligné soulignait estime estimé estimait écrit écrivait raconte raconté rappelle rappelé précise précisé"
        " confie confié indique indiqué regrette dénonce dénoncé assure assuré annonce annoncé résume lance lancé note"
        " conclut reconnaît reconnu martèle insiste insisté poursuit considère juge prévient témoigne analyse répond"
        " répondu avance constate mentionné mentionne soutenu soutient plaidé plaide résumé nuancé nuance tempéré glissé glisse déploré"
        " déplore salué salue promis justifié justifie rétorqué rétorque commenté commente complété complète renchéri renchérit"
        " détaillé détaille averti avertit critiqué critique admis admet raconté évoqué évoque jugé prévenu martelé"
    ),
    "es": (
        "afirmaron aseguraron explicaron señalaron escribieron dicen lamenta lamentaba zanjó espetó reclama reclamó resumió sentenció sentencia proclamó relata cerró descartó calificó defendió sostuvo ironizó bromeó reprochó prometió promete vaticinó avisó protestó suspira suspiró dijeron explicaba contaba señalado afirmado explicado asegurado indicado advertido "
        "dijo dice dijeron decía afirmó afirma señaló señala explicó explica aseguró asegura indicó indica agregó agrega"
        " añadió añade manifestó manifiesta declaró declara expresó expresa sostuvo sostiene advirtió advierte destacó destaca"
        " apuntó apunta comentó comenta mencionó menciona escribió escribe subrayó subraya recalcó recalca reiteró precisó"
        " precisa contó cuenta concluyó aclaró detalló informó denunció enfatizó resaltó relató puntualizó acotó lamentó"
        " respondió considera opinó opina puntualiza insistió insiste recordó recuerda alertó alerta criticó critica pidió pide"
        " admitió admite reconoció reconoce confesó confiesa anunció anuncia exigió exige celebró celebra valoró valora"
    ),
    "it": (
        "promette annuncia sbotta sbottato tuona tuonato ammonisce precisava lamenta lamentato rivendica attacca attaccato ironizza allarga avverte avvertito conferma confermato ribatte rassicura rassicurato ribadiva "
        "dice disse detto ha dichiara dichiarato afferma affermato spiega spiegato spiegò aggiunge aggiunto aggiunse sottolinea"
        " sottolineato commenta commentato racconta raccontato scrive scritto osserva conclude ricorda ricordato sostiene"
        " precisa precisato annuncia prosegue continua ribadisce ribadito avverte ammette risponde annunciato conclude concluso"
        " osservato ricordano sostenuto confessa confida denuncia denunciato replica replicato assicura assicurato spiegano"
        " scrivono dicono raccontano affermano"
    ),
    "pt": (
        "disseram dizem afirmam afirmaram explicam explicaram contam contaram escreveram resumiu resume atirou avisou avisa disparou queixa-se sustenta discorda classificou classifica lamentou lamenta falou fala brincou criticou critica confirmou confirma admitiu admite anunciou anuncia respondeu responde protestou "
        "disse diz afirmou afirma explicou explica declarou declara acrescentou acrescenta contou conta ressaltou destacou"
        " destaca escreveu escreve comentou comenta avaliou avalia lembrou lembra completou informou reforçou alertou alerta"
        " apontou aponta concluiu conclui garantiu defendeu defende observou frisou revelou relatou"
    ),
    "nl": "zegt zei zeggen vertelt vertelde schrijft schreef stelt stelde aldus verklaarde voegt benadrukt waarschuwt meent",
    "ru": (
        "написали пожаловался пожаловалась упрекнул упрекнула говорят отметили рассказали пишут вздыхает вздохнул вздохнула пообещал пообещала назвал назвала напомнила подчеркивает добавляет рассказывали заверил заверила предупредил предупредила возразил возразила воскликнул воскликнула отрезал пояснял поделился поделилась "
        "сказал сказала сказали говорит говорил говорила заявил заявила заявили отметил отметила пояснил пояснила написал"
        " написала пишет подчеркнул подчеркнула рассказал рассказала рассказывает добавил добавила считает сообщил сообщила"
        " сообщили объяснил объяснила напомнил утверждает уточнил уточнила ответил ответила признался призвал вспоминает"
        " отмечает подчеркивает добавляет цитирует заметил заметила"
    ),
    "uk": (
        "сказав сказала сказали каже говорить заявив заявила зазначив зазначила написав написала пише підкреслив підкреслила"
        " розповів розповіла додав додала вважає повідомив повідомила пояснив пояснила наголосив наголосила йдеться"
    ),
    "pl": (
        "mówią powiedzieli piszą dodają stwierdzili podkreślają tłumaczą napisali opowiada opowiadał opowiadała zapewnił zapewniła zapewnia skomentował skomentowała wyznał wyznała rzucił rzuciła ostrzega ostrzegł ostrzegła cieszy oświadcza apeluje apelował zauważa dodaje twierdzi wspomina żali zaznacza wskazuje odpowiada odpowiedział odpowiedziała "
        "powiedział powiedziała mówi mówił mówiła stwierdził stwierdziła dodał dodała podkreślił podkreśliła podkreśla napisał"
        " napisała pisze wyjaśnił wyjaśniła wyjaśnia zaznaczył zaznaczyła oświadczył oświadczyła przekonuje zauważył tłumaczy"
        " ocenił ocenia poinformował poinformowała przyznał przyznała komentuje"
    ),
    "ar": (
        "اعترف اعترفت واعترف واعترفت ردت ردّت رد وردت كشف كشفت وكشف شرح شرحت حذر حذرت وحذر طالب طالبت دعا ودعا وصف وصفت قال قالت وقال وقالت أضاف أضافت وأضاف وأضافت أكد أكدت وأكد وأكدت أوضح أوضحت وأوضح وأوضحت صرح صرحت وصرح وصرحت كتب كتبت"
        " وكتب وكتبت أشار أشارت وأشار وأشارت اعتبر اعتبرت واعتبر واعتبرت ذكر ذكرت وذكر وذكرت شدد شددت وشدد وشددت تابع وتابع"
        " وتابعت أعلن أعلنت وأعلن وأعلنت لفت ولفت ولفتت يقول تقول ويقول وتقول"
    ),
    "he": "אמר אמרה אמרו הוסיף הוסיפה טען טענה הסביר הסבירה כתב כתבה ציין ציינה סיפר סיפרה הדגיש הדגישה הצהיר אומר אומרת",
    "sw": "alisema anasema aliongeza alieleza amesema ameeleza wamesema aliandika anaeleza",
    "tr": "dedi söyledi belirtti açıkladı ifade vurguladı konuştu yazdı ekledi kaydetti",
    "id": "kata ujar katanya ujarnya tutur jelas ungkap tegas menurut tambah ucap",
}
"""By language, the forms in which newsrooms' speakers speak; the subject stands beside them."""

HEARERS = frozenset(
    """
    told tells asked asks urged warned warns cautioned begged reminded pleaded advised kritisiert kritisierte lobt lobte erinnert
    erinnerte nennt nannte fragt fragte ruft rief critiqué critique salué salue interpelle dénoncé dénonce criticó critica
    calificó defendió reprochó espetó criticou classificou attacca attaccato назвал назвала предупредил предупредила
    """.split()
)
"""Cues after which those stand who were spoken to: "told Mary" does not say that Mary spoke."""

ACCORDING: dict[str, str] = {
    "en": "according to|in the words of|words of",
    "de": "laut|nach Angaben (?:von|des|der)|so",
    "fr": "selon|d['’]après",
    "es": "según|de acuerdo (?:con|a)|(?:en )?palabras de(?:l)?",
    "it": "secondo",
    "pt": "segundo|de acordo com|conforme",
    "nl": "volgens|aldus",
    "ru": "по словам|по мнению|согласно",
    "uk": "за словами|на думку",
    "pl": "według|zdaniem",
    "id": "menurut",
}
"""Words before a name that say the same without a verb."""

OPINION: dict[str, str] = {
    "en": "for|in the words of|in the view of",
    "de": "für",
    "fr": "pour|aux yeux de|de l[’']avis de",
    "es": "para|a juicio de(?:l)?|en opinión de(?:l)?|en palabras de(?:l)?",
    "it": "per|a parere di|a giudizio di|a detta di",
    "pt": "para|na opinião d[eoa]|nas palavras d[eoa]|no entender d[eoa]",
    "ru": "для|на взгляд",
    "pl": "dla|w opinii",
}
"""At the head of a sentence, the same: “Para Ida Roe, alcaldesa, es …”."""

AS: dict[str, str] = {
    "en": "as|in the words of",
    "de": "wie",
    "fr": "comme",
    "es": "como|según",
    "it": "come",
    "pt": "como",
    "ru": "как",
    "pl": "jak",
    "nl": "zoals",
}
"""“As Ida Roe put it”."""

PRONOUNS: dict[str, str] = {
    "en": "he she they",
    "de": "er sie",
    "fr": "il elle ils elles",
    "es": "él ella",
    "it": "lui lei egli",
    "pt": "ele ela",
    "nl": "hij zij ze",
    "ru": "он она они",
    "uk": "він вона вони",
    "pl": "on ona",
    "sw": "yeye",
}

PERSONS: dict[str, str] = {
    "en": (
        "spokes(?:man|woman|person|people) insiders? sources? officials? patients? witness(?:es)? residents? neighbou?rs? teachers? students?"
        " lawyers? attorneys? analysts? experts? mother father officers? researchers? scientists? authors? survivors? victims? protesters?"
        " activists? users? readers? fans? customers? employees? workers? nurses? doctors? drivers? operatives? aides? diplomats? judge"
        " prosecutors? police detectives? parents? locals team"
    ),
    "de": (
        "(?:Presse|Polizei|Unternehmens|Regierungs)?[Ss]precher(?:in)? Insider(?:in)? Beamte[rn]? Beamtin Zeug(?:e|in) Anwohner(?:in)? Nutzer(?:in)?"
        " Forscher(?:in)? Polizist(?:in)? Expert(?:e|in) Lehrer(?:in)? Schüler(?:in)? Anwalt Anwältin Autor(?:in)? Ermittler(?:in)?"
    ),
    "fr": "porte-parole témoins? responsables? habitante?s? avocate?s? sources? enquêteurs? chercheurs? auteurs? militante?s?",
    "es": "portavo(?:z|ces) voceros? vocera testigos? vecin[oa]s? fuentes? funcionari[oa]s? abogad[oa]s? investigador(?:es|as?)? autor(?:es|as?)? activistas?",
    "it": "portavoce testimon[ei] font[ei] avvocat[oa] attivist[aie] ricercator[ei] autor[ei] abitanti",
    "pt": "porta-voz testemunhas? fontes? morador(?:es|as?)? advogad[oa]s? pesquisador(?:es|as?)? ativistas?",
    "nl": "woordvoerder woordvoerster getuigen? bewoners? onderzoekers? advocaat",
    "ru": "представител[ьи] источник очевид(?:ец|цы) эксперты? адвокат исследователи авторы?",
    "pl": "rzecznik rzeczniczka świadek mieszkan(?:iec|ka) ekspert badacze autor(?:ka|zy)?",
}
"""Words for people whom newsrooms quote without a name ("a spokesperson")."""

PARTICLES = (
    "de|del|de la|de las|de los|di|da|das|do|dos|du|des|della|von|van|van der|van den|von der|zu|der|den|ter|ten|le|la|el|al|bin|ibn"
    "|bint|ben|abu|af|av|mac|dos"
)
"""Words inside names that are written small."""

NO_NAMES = frozenset(
    """
    asked come como comme как jak jako según secondo segundo selon согласно według zdaniem laut
    the a an this that these those it its he she they we you i his her their our my your but and or so yet if when while
    under over above below between among within about around against along across behind beyond near off out through
    toward towards upon unlike like despite whether either neither
    as in on at by for from to of with without after before since until during despite although though because however
    meanwhile moreover furthermore also then now here there what which who whom whose why how not no yes one two three
    some many most all both each every another other such only even still just once recently today yesterday tomorrow
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december according earlier later last next first second third finally additionally
    instead nevertheless nonetheless perhaps maybe well oh per via read more photo image source credit video
    er sie es wir ihr ich der die das den dem des ein eine einen einem einer und oder aber doch denn wenn als wie
    auf aus über unter durch ohne laut während obwohl weil dass zwar beim diese dieser dieses diesem diesen vor
    auch noch nur so dann da dort hier heute gestern morgen im am zum zur von bei mit nach vor seit für gegen
    il elle ils elles nous vous je on le la les un une des du de et ou mais donc or ni car si quand comme ce cette
    ces dans sur sous avec sans pour par selon après avant depuis hier aujourd’hui demain lundi mardi mercredi jeudi
    vendredi samedi dimanche él ella ellos ellas nosotros yo tú usted el los las uno una unos y o pero porque cuando
    mientras según en con sin por para desde hasta sobre tras ante hoy ayer mañana lunes martes miércoles jueves
    viernes sábado domingo este esta estos estas ese esa lo al del asimismo además también finalmente egli lui lei noi
    io voi gli il ed ma se quando mentre dopo prima con per tra fra oggi ieri domani ele ela eles nós eu o os as um
    uma e mas quando enquanto depois antes hoje ontem amanhã он она они мы вы я это этот эта эти но и а в на по
    при для из от до как что если когда так также ещё уже после перед там тут здесь он вона вони ми це
    """.split()
)
"""Words that open a sentence with a capital and are nobody's name."""

CJK_CUES = (
    "表示|表明|说道|說道|说|說|称|稱|指出|认为|認為|强调|強調|写道|寫道|写到|回应|回應|坦言|直言|透露|呼吁|呼籲|批评|批評|告诉|告訴"
    "|补充|補充|解释|解釋|宣布|重申|质疑|質疑|形容|寄语|感叹|感嘆|评论|評論|留言|反问|反問|回忆|回憶|介绍|介紹|提到|谈到|談到|警告"
    "|指明|承诺|承諾|告訴|告知|摇头|叹气|谈道|坦陈|说明|說明|承认|承認|主张|主張|声称|聲稱|总结|總結|笑言|笑说|怒斥|慨叹|补充道|解释道|发文|發文|发帖|提醒|叮嘱|追问"
)
"""Chinese cues; each needs its subject before it and a colon, a comma or a quotation mark after it."""

CJK_PRONOUNS = frozenset(
    "他 她 他们 她们 它 我 我们 其 对方 對方 他們 她們 有人 后者 後者 大家 自己 记者 記者 笔者 筆者 作者 本人".split()
)
CJK_SURNAMES = (
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇"
    "卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱"
    "錢汤湯艾楚晏宫桑盖原初岑敖冉蔺甄冷辛阚那简饶佟师公查荆红权益桓屠仇栾暴甘厉戎祖武符景詹束幸司韶黎薄印宿怀蒲台鄂索咸籍卓蒙"
    "池阴胥苍双莘党贡劳逄姬申扶堵宰郦雍璩桂濮扈燕冀郏浦尚瞿充慕连茹宦鱼容古慎戈庾终暨居衡步都满弘匡文寇广禄阙沃利蔚越夔隆巩厍"
    "聂晁勾融訾空沙乜养鞠须丰巢蒯相后逯尹易常乔喬贺賀赖賴龚龔庞樊兰殷施陶洪翟安颜倪严嚴牛温溫芦季俞章鲁葛伍韦韋尤毕畢焦向柳邢"
    "路岳齐齊沿梅莫庄莊管祝左涂谷祁时耿牟卜关關苗凌费纪紀靳盛童欧歐项曲成游阳裴席卫屈鲍鮑位覃霍翁隋植单單包柏宁寧柯阮闵闽解强"
    "柴华華车房边习習区區卞苑簡"
)
JA_CUES = "訴|打ち明け|笑|迫|譲らな|続け|言い切|記し|記す|明かす|述べ|語|話|指摘|主張|訴え|強調|説明|コメント|つづ|明か|答え|振り返|呼びかけ|言|書|発言|批判|警告|回答"
KO_CUES = "외쳤|썼다|웃었|따졌|맞섰|해명|떠올|털어놨|요구|말했|밝혔|강조|전했|설명|지적|주장|덧붙였|했다|라며|이라며|라고|이라고|고 했|언급|호소|비판|답했|토로"
