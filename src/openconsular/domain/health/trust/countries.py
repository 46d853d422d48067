"""Country codes of certificates and keys: two and three letters name the same country.

EU lists write ISO 3166-1 alpha-2, the WHO's network alpha-3, and signers mix them.
"""

_CODES = """
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE
    BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS
    BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN
    COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST
    EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF
    GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD
    HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM
    JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA
    LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
    MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM
    NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG
    PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA
    SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD
    STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON
    TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR
    VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
_ALPHA_3 = {pair[:2]: pair[2:] for pair in _CODES.split()}
_ALPHA_2 = {alpha_3: alpha_2 for alpha_2, alpha_3 in _ALPHA_3.items()}
# EL and UK are what the EU writes (Interinstitutional style guide 7.1.1); XK/XKX and UNK are Kosovo's in practice
# (ICAO Doc 9303-3 section 5 has UNK), ROM and ZAR are withdrawn codes still seen.
_OTHER_NAMES = {"EL": "GR", "UK": "GB", "UNK": "XK", "ROM": "RO", "ZAR": "CD"}
# Real bodies among the codes that ISO 3166 leaves to users: Kosovo and the Order of Malta (ICAO Doc 9303-3).
_UTOPIA = "UTO"
_REAL_USER_CODES = frozenset({"XK", "XKX", "XOM"})


def same_country(code: str) -> str:
    """The one code a country goes by here: alpha-2 in capitals where it has one, else the code as written.

    "PRT", "pt" and "PT" are "PT"; "" stays "".
    """
    plain = code.strip().upper()
    plain = _OTHER_NAMES.get(plain, plain)
    return _ALPHA_2.get(plain, plain)


def alpha_3(code: str) -> str:
    """The alpha-3 code, or the code itself where none is known."""
    plain = same_country(code)
    return _ALPHA_3.get(plain, plain)


def is_known(code: str) -> bool:
    """Whether ISO 3166-1 (or Kosovo) has this code."""
    return same_country(code) in _ALPHA_3


def may_stand(code: str, *, for_tests: bool) -> bool:
    """Whether a certificate may be issued under this code: a country, or for tests an invented one."""
    return is_known(code) or (for_tests and is_for_tests(code))


def is_for_tests(code: str) -> bool:
    """Whether a code is one of those ISO 3166-1 leaves to users (AA, QM-QZ, XA-XZ, ZZ; likewise three letters).

    Test lists invent countries there (XX, XXA, XCL); in a live list such a signer does not exist. UTO is Utopia, whose
    documents the specimens of ICAO Doc 9303 are.
    """
    plain = code.strip().upper()
    if plain == _UTOPIA:
        return True
    if plain in _REAL_USER_CODES or not plain.isalpha():
        return False
    if len(plain) == 2:
        return (
            plain in ("AA", "ZZ")
            or plain[0] == "X"
            or (plain[0] == "Q" and plain[1] >= "M" and plain != "QA")
        )
    return len(plain) == 3 and (
        plain[:2] in ("AA", "ZZ")
        or plain[0] == "X"
        or (plain[0] == "Q" and "M" <= plain[1] <= "Z" and plain != "QAT")
    )
