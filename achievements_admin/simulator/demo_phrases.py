"""Texts of the demo studio's achievements in a dozen languages, put together from nouns and sentences.

A noun stands in the form that follows a number as an object (Turkish: singular; Arabic: definite plural, after "of").
"""

from dataclasses import dataclass

LOCALES = ("en-US", "de-DE", "fr-FR", "es-ES", "it", "pt-BR", "nl-NL", "tr", "ja", "ko", "zh-Hans", "ar-SA")

# One line per noun, the words in the order of LOCALES.
_NOUNS = """
lanterns|Laternen|lanternes|faroles|lanterne|lanternas|lantaarns|fener|ランタン|등불|灯笼|الفوانيس
keys|Schlüssel|clés|llaves|chiavi|chaves|sleutels|anahtar|鍵|열쇠|钥匙|المفاتيح
towers|Türme|tours|torres|torri|torres|torens|kule|塔|탑|高塔|الأبراج
scrolls|Schriftrollen|parchemins|pergaminos|pergamene|pergaminhos|boekrollen|parşömen|巻物|두루마리|卷轴|المخطوطات
shields|Schilde|boucliers|escudos|scudi|escudos|schilden|kalkan|盾|방패|盾牌|الدروع
ravens|Raben|corbeaux|cuervos|corvi|corvos|raven|kuzgun|カラス|까마귀|渡鸦|الغربان
embers|Glutstücke|braises|brasas|tizzoni|brasas|gloeiende kolen|köz|残り火|불씨|余烬|الجمرات
shells|Muscheln|coquillages|conchas|conchiglie|conchas|schelpen|deniz kabuğu|貝殻|조개껍데기|贝壳|الأصداف
pearls|Perlen|perles|perlas|perle|pérolas|parels|inci|真珠|진주|珍珠|اللآلئ
boats|Boote|bateaux|barcas|barche|barcos|boten|tekne|ボート|배|小船|القوارب
anchors|Anker|ancres|anclas|ancore|âncoras|ankers|çapa|いかり|닻|船锚|المراسي
dolphins|Delfine|dauphins|delfines|delfini|golfinhos|dolfijnen|yunus|イルカ|돌고래|海豚|الدلافين
islands|Inseln|îles|islas|isole|ilhas|eilanden|ada|島|섬|岛屿|الجزر
corals|Korallen|coraux|corales|coralli|corais|koralen|mercan|サンゴ|산호|珊瑚|المرجان
starfish|Seesterne|étoiles de mer|estrellas de mar|stelle marine|estrelas-do-mar|zeesterren|denizyıldızı|ヒトデ|불가사리|海星|نجوم البحر
maps|Karten|cartes|mapas|mappe|mapas|kaarten|harita|地図|지도|地图|الخرائط
apples|Äpfel|pommes|manzanas|mele|maçãs|appels|elma|リンゴ|사과|苹果|التفاح
seeds|Samen|graines|semillas|semi|sementes|zaden|tohum|種|씨앗|种子|البذور
paper cranes|Papierkraniche|grues en papier|grullas de papel|gru di carta|tsurus de papel|papieren kraanvogels|kağıt turna|折り鶴|종이학|纸鹤|طيور الورق
bees|Bienen|abeilles|abejas|api|abelhas|bijen|arı|ミツバチ|꿀벌|蜜蜂|النحل
baskets|Körbe|paniers|cestas|cesti|cestas|manden|sepet|かご|바구니|篮子|السلال
blossoms|Blüten|fleurs|flores|fiori|flores|bloesems|çiçek|花|꽃|花朵|الأزهار
bottles|Flaschen|bouteilles|botellas|bottiglie|garrafas|flessen|şişe|ボトル|유리병|瓶子|القوارير
mirrors|Spiegel|miroirs|espejos|specchi|espelhos|spiegels|ayna|鏡|거울|镜子|المرايا
gulls|Möwen|mouettes|gaviotas|gabbiani|gaivotas|meeuwen|martı|カモメ|갈매기|海鸥|النوارس
prisms|Prismen|prismes|prismas|prismi|prismas|prisma's|prizma|プリズム|프리즘|棱镜|المناشير
mushrooms|Pilze|champignons|setas|funghi|cogumelos|paddenstoelen|mantar|キノコ|버섯|蘑菇|الفطر
feathers|Federn|plumes|plumas|piume|penas|veren|tüy|羽|깃털|羽毛|الريش
stones|Steine|pierres|piedras|pietre|pedras|stenen|taş|石|돌|石头|الأحجار
beetles|Käfer|scarabées|escarabajos|coleotteri|besouros|kevers|böcek|甲虫|딱정벌레|甲虫|الخنافس
roots|Wurzeln|racines|raíces|radici|raízes|wortels|kök|根|뿌리|树根|الجذور
foxes|Füchse|renards|zorros|volpi|raposas|vossen|tilki|キツネ|여우|狐狸|الثعالب
"""

# Sentences about nouns: before and after, in the order of LOCALES.
_VERBS = {
    "collect": (
        "Collect {n} {noun}.|Sammle {n} {noun}.|Rassemblez {n} {noun}.|Reúne {n} {noun}.|Raccogli {n} {noun}.|"
        "Reúna {n} {noun}.|Verzamel {n} {noun}.|{n} {noun} topla.|{noun}を{n}個集めよう。|{noun} {n}개를 모으세요.|"
        "收集{n}个{noun}。|اجمع {n} من {noun}.",
        "You collected {n} {noun}.|Du hast {n} {noun} gesammelt.|Vous avez rassemblé {n} {noun}.|"
        "Has reunido {n} {noun}.|Hai raccolto {n} {noun}.|Você reuniu {n} {noun}.|Je hebt {n} {noun} verzameld.|"
        "{n} {noun} topladın.|{noun}を{n}個集めました。|{noun} {n}개를 모았습니다.|你收集了{n}个{noun}。|جمعت {n} من {noun}.",
    ),
    "find": (
        "Find {n} {noun}.|Finde {n} {noun}.|Trouvez {n} {noun}.|Encuentra {n} {noun}.|Trova {n} {noun}.|"
        "Encontre {n} {noun}.|Vind {n} {noun}.|{n} {noun} bul.|{noun}を{n}個見つけよう。|{noun} {n}개를 찾으세요.|"
        "找到{n}个{noun}。|اعثر على {n} من {noun}.",
        "You found {n} {noun}.|Du hast {n} {noun} gefunden.|Vous avez trouvé {n} {noun}.|Has encontrado {n} {noun}.|"
        "Hai trovato {n} {noun}.|Você encontrou {n} {noun}.|Je hebt {n} {noun} gevonden.|{n} {noun} buldun.|"
        "{noun}を{n}個見つけました。|{noun} {n}개를 찾았습니다.|你找到了{n}个{noun}。|عثرت على {n} من {noun}.",
    ),
}
_FINDS = {"keys", "towers", "ravens", "islands", "dolphins", "maps", "mirrors", "gulls", "beetles", "foxes", "starfish"}

# Achievements without a noun: name, before and after, in the order of LOCALES.
_FEATS = {
    "chapters": (
        "Chapter {n}|Kapitel {n}|Chapitre {n}|Capítulo {n}|Capitolo {n}|Capítulo {n}|Hoofdstuk {n}|Bölüm {n}|第{n}章|"
        "{n}장|第{n}章|الفصل {n}",
        "Finish chapter {n}.|Schließe Kapitel {n} ab.|Terminez le chapitre {n}.|Completa el capítulo {n}.|"
        "Completa il capitolo {n}.|Conclua o capítulo {n}.|Voltooi hoofdstuk {n}.|{n}. bölümü tamamla.|"
        "第{n}章をクリアしよう。|{n}장을 완료하세요.|完成第{n}章。|أكمل الفصل {n}.",
        "You finished chapter {n}.|Du hast Kapitel {n} abgeschlossen.|Vous avez terminé le chapitre {n}.|"
        "Has completado el capítulo {n}.|Hai completato il capitolo {n}.|Você concluiu o capítulo {n}.|"
        "Je hebt hoofdstuk {n} voltooid.|{n}. bölümü tamamladın.|第{n}章をクリアしました。|{n}장을 완료했습니다.|"
        "你完成了第{n}章。|أكملت الفصل {n}.",
    ),
    "days": (
        "Regular: {n} days|Stammgast: {n} Tage|Habitué : {n} jours|Fiel: {n} días|Abituale: {n} giorni|Fiel: {n} dias|"
        "Vaste gast: {n} dagen|Müdavim: {n} gün|常連：{n}日|단골: {n}일|常客：{n}天|مواظب: {n} يومًا",
        "Play on {n} days.|Spiele an {n} Tagen.|Jouez pendant {n} jours.|Juega durante {n} días.|Gioca per {n} giorni.|"
        "Jogue durante {n} dias.|Speel op {n} dagen.|{n} gün oyna.|{n}日間プレイしよう。|{n}일 동안 플레이하세요.|"
        "游玩{n}天。|العب لمدة {n} يومًا.",
        "You played on {n} days.|Du hast an {n} Tagen gespielt.|Vous avez joué pendant {n} jours.|"
        "Has jugado durante {n} días.|Hai giocato per {n} giorni.|Você jogou durante {n} dias.|"
        "Je hebt op {n} dagen gespeeld.|{n} gün oynadın.|{n}日間プレイしました。|{n}일 동안 플레이했습니다.|"
        "你已游玩{n}天。|لعبت لمدة {n} يومًا.",
    ),
    "wins": (
        "{n} Victories|{n} Siege|{n} victoires|{n} victorias|{n} vittorie|{n} vitórias|{n} overwinningen|{n} zafer|"
        "{n}勝|{n}승|{n}场胜利|{n} انتصارًا",
        "Win {n} times.|Gewinne {n}-mal.|Gagnez {n} fois.|Gana {n} veces.|Vinci {n} volte.|Vença {n} vezes.|"
        "Win {n} keer.|{n} kez kazan.|{n}回勝利しよう。|{n}번 승리하세요.|获胜{n}次。|افز {n} مرة.",
        "You won {n} times.|Du hast {n}-mal gewonnen.|Vous avez gagné {n} fois.|Has ganado {n} veces.|"
        "Hai vinto {n} volte.|Você venceu {n} vezes.|Je hebt {n} keer gewonnen.|{n} kez kazandın.|"
        "{n}回勝利しました。|{n}번 승리했습니다.|你已获胜{n}次。|فزت {n} مرة.",
    ),
    "flawless": (
        "Flawless x{n}|Makellos x{n}|Sans faute x{n}|Impecable x{n}|Impeccabile x{n}|Impecável x{n}|Foutloos x{n}|"
        "Kusursuz x{n}|完璧 x{n}|완벽 x{n}|完美无缺 x{n}|بلا خطأ x{n}",
        "Finish {n} levels without a mistake.|Schaffe {n} Level ohne Fehler.|Terminez {n} niveaux sans erreur.|"
        "Completa {n} niveles sin errores.|Completa {n} livelli senza errori.|Conclua {n} fases sem erros.|"
        "Voltooi {n} levels zonder fouten.|{n} seviyeyi hatasız bitir.|ノーミスで{n}ステージをクリアしよう。|"
        "실수 없이 {n}개 레벨을 완료하세요.|零失误完成{n}个关卡。|أكمل {n} من المراحل بلا أخطاء.",
        "You finished {n} levels without a mistake.|Du hast {n} Level ohne Fehler geschafft.|"
        "Vous avez terminé {n} niveaux sans erreur.|Has completado {n} niveles sin errores.|"
        "Hai completato {n} livelli senza errori.|Você concluiu {n} fases sem erros.|"
        "Je hebt {n} levels zonder fouten voltooid.|{n} seviyeyi hatasız bitirdin.|"
        "ノーミスで{n}ステージをクリアしました。|실수 없이 {n}개 레벨을 완료했습니다.|你零失误完成了{n}个关卡。|"
        "أكملت {n} من المراحل بلا أخطاء.",
    ),
    "friends": (
        "Good Company: {n}|Gute Gesellschaft: {n}|Bonne compagnie : {n}|Buena compañía: {n}|Buona compagnia: {n}|"
        "Boa companhia: {n}|Goed gezelschap: {n}|İyi dostlar: {n}|仲間：{n}人|좋은 친구: {n}명|好伙伴：{n}位|رفقة طيبة: {n}",
        "Play with {n} friends.|Spiele mit {n} Freunden.|Jouez avec {n} amis.|Juega con {n} amigos.|Gioca con {n} amici.|"
        "Jogue com {n} amigos.|Speel met {n} vrienden.|{n} arkadaşınla oyna.|フレンド{n}人とプレイしよう。|"
        "친구 {n}명과 플레이하세요.|与{n}位好友一起游玩。|العب مع {n} من الأصدقاء.",
        "You played with {n} friends.|Du hast mit {n} Freunden gespielt.|Vous avez joué avec {n} amis.|"
        "Has jugado con {n} amigos.|Hai giocato con {n} amici.|Você jogou com {n} amigos.|"
        "Je hebt met {n} vrienden gespeeld.|{n} arkadaşınla oynadın.|フレンド{n}人とプレイしました。|"
        "친구 {n}명과 플레이했습니다.|你已与{n}位好友一起游玩。|لعبت مع {n} من الأصدقاء.",
    ),
}
NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass(frozen=True, slots=True)
class Texts:
    """An achievement's texts in one language."""

    name: str
    before: str
    after: str


def _split(line: str) -> tuple[str, ...]:
    parts = tuple(line.split("|"))
    if len(parts) != len(LOCALES):
        raise ValueError(f"{len(parts)} languages instead of {len(LOCALES)}: {line}")
    return parts


_WORDS = {words[0]: words for words in (_split(line) for line in _NOUNS.strip().splitlines())}
_SENTENCES = {verb: tuple(_split(one) for one in both) for verb, both in _VERBS.items()}
_WORDINGS = {feat: tuple(_split(one) for one in three) for feat, three in _FEATS.items()}


def is_feat(subject: str) -> bool:
    """Is this a subject without a noun?"""
    return subject in _WORDINGS


def texts(subject: str, *, number: int, tier: int, locale: str) -> Texts:
    """The texts of one achievement: `tier` from 0 chooses the numeral of a noun's name."""
    place = LOCALES.index(locale)
    if is_feat(subject):
        name, before, after = (one[place].format(n=number) for one in _WORDINGS[subject])
        return Texts(name, before, after)
    noun = _WORDS[subject][place]
    before, after = (
        one[place].format(n=number, noun=noun) for one in _SENTENCES["find" if subject in _FINDS else "collect"]
    )
    return Texts(f"{noun[0].upper()}{noun[1:]} {NUMERALS[tier]}", before, after)
