#include "base/identifier.h"
#include "base_fixture.h"

#include <string.h>
#include <unistd.h>

static struct regions *regions;
static struct bins *bins;

static int load_tables(void **state)
{
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s/regions.tsv", unit_share());
    if (regions_load(path, &regions) != ERR_OK) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/bins.tsv", unit_share());
    return bins_load(path, &bins) == ERR_OK ? 0 : -1;
}

static int release_tables(void **state)
{
    (void)state;
    regions_release(regions);
    bins_release(bins);
    return 0;
}

static struct date date(const char *text)
{
    struct date date = {0};
    assert_int_equal(date_parse(text, &date), ERR_OK);
    return date;
}

/* 11010519491231002X and 440524188001010014 are the examples of GB 11643-1999; the rest are
 * invented. */
static void test_base_identifier__reads_resident_ids(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
    } rows[] = {
        {"11010519491231002X", IDENTIFIER_VALID},
        {"11010519491231002x", IDENTIFIER_VALID},
        {"110105194912310029", IDENTIFIER_WRONG_CHECK},
        {"110105194912310020", IDENTIFIER_WRONG_CHECK},
        {"440524188001010014", IDENTIFIER_BORN_TOO_EARLY},
        {"", IDENTIFIER_EMPTY},
        {"110105491231002", IDENTIFIER_OLD_FORM},
        {"11010549123100X", IDENTIFIER_WRONG_LENGTH},
        {"1101051949123100", IDENTIFIER_WRONG_LENGTH},
        {"11010519491231002X1", IDENTIFIER_WRONG_LENGTH},
        {"11010519491231002Y", IDENTIFIER_WRONG_CHARACTER},
        {"1101051949123100X2", IDENTIFIER_WRONG_CHARACTER},
        {" 1010519491231002X", IDENTIFIER_WRONG_LENGTH},
        {"110101 19900101 0015", IDENTIFIER_VALID},
        {"１１０１０１１９９００１０１００１５", IDENTIFIER_VALID},
        {"110101-19900101-0015", IDENTIFIER_VALID},
        {"11010119900101001\u00e9", IDENTIFIER_WRONG_CHARACTER},
        {"911840198808080012", IDENTIFIER_VALID}, /* a permanent residents' card */
        {"911000198808080012", IDENTIFIER_UNKNOWN_COUNTRY},
        {"999840198808080012", IDENTIFIER_UNKNOWN_REGION},
        {"911840198813080012", IDENTIFIER_NO_SUCH_DATE},
        {"911840198808080013", IDENTIFIER_WRONG_CHECK},
        {"99010519491231002X", IDENTIFIER_UNKNOWN_REGION},
        {"00010519491231002X", IDENTIFIER_UNKNOWN_REGION},
        {"11010519491331002X", IDENTIFIER_NO_SUCH_DATE},
        {"11010519490229002X", IDENTIFIER_NO_SUCH_DATE},
        {"11010519000229002X", IDENTIFIER_NO_SUCH_DATE},
        {"11010519490001002X", IDENTIFIER_NO_SUCH_DATE},
        {"11010518991231002X", IDENTIFIER_BORN_TOO_EARLY},
        {"11010520261122002X", IDENTIFIER_BORN_IN_FUTURE},
        {"11010599991231002X", IDENTIFIER_BORN_IN_FUTURE},
    };
    UNIT_ROWS(rows, row)
    {
        struct resident_id id;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_resident_id(regions, row->text, date("2026-11-21"), &id),
                         row->wanted);
    }
    struct resident_id id;
    assert_int_equal(
        identifier_parse_resident_id(regions, "11010519491231002x", date("2026-11-21"), &id), 0);
    assert_string_equal(id.number, "11010519491231002X");
    assert_int_equal(id.birth_date.days, date("1949-12-31").days);
    assert_int_equal(id.sex, SEX_FEMALE);
    assert_string_equal(id.province->name_en, "Beijing");
    assert_string_equal(id.county->name_zh, "朝阳区");
    assert_int_equal(identifier_age(id.birth_date, date("2026-12-30")), 76);
    assert_int_equal(identifier_age(id.birth_date, date("2026-12-31")), 77);
    /* born on the day itself, in a county that is no longer in the table */
    char born_today[19] = "110103202611210010";
    born_today[17] = identifier_check_of(born_today);
    assert_int_equal(identifier_parse_resident_id(regions, born_today, date("2026-11-21"), &id), 0);
    assert_null(id.county);
    assert_int_equal(id.sex, SEX_MALE);
}

/* ISO 7064 MOD 11-2 finds every single wrong digit and every pair of neighbours exchanged. */
static void test_base_identifier__mod_11_2_finds_slips(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 2000; round++) {
        char digits[19] = "";
        for (int i = 0; i < 17; i++) {
            digits[i] = (char)('0' + unit_random(&seed) % 10);
        }
        digits[17] = identifier_check_of(digits);
        for (int i = 0; i < 17; i++) {
            char slip[19];
            memcpy(slip, digits, sizeof slip);
            slip[i] = (char)('0' + (slip[i] - '0' + 1 + (int)(unit_random(&seed) % 9)) % 10);
            assert_int_not_equal(identifier_check_of(slip), digits[17]);
            memcpy(slip, digits, sizeof slip);
            if (i < 16 && slip[i] != slip[i + 1]) {
                slip[i] = digits[i + 1];
                slip[i + 1] = digits[i];
                assert_int_not_equal(identifier_check_of(slip), digits[17]);
            }
        }
    }
}

static void test_base_identifier__reads_credit_codes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
    } rows[] = {
        {"91350100M000100Y43", IDENTIFIER_VALID}, /* the example of GB 32100-2015 */
        {"91350100m000100y43", IDENTIFIER_VALID},
        {"9135 0100 M000 100Y 43", IDENTIFIER_VALID},
        {"９１３５０１００Ｍ０００１００Ｙ４３", IDENTIFIER_VALID},
        {"91350100M000100Y44", IDENTIFIER_WRONG_CHECK},
        {"91350100M000010Y43", IDENTIFIER_WRONG_CHECK},
        {"", IDENTIFIER_EMPTY},
        {"91350100M000100Y4", IDENTIFIER_WRONG_LENGTH},
        {"91350100M000100Y433", IDENTIFIER_WRONG_LENGTH},
        {"91350100M000100I43", IDENTIFIER_WRONG_CHARACTER},
        {"9135A100M000100Y43", IDENTIFIER_WRONG_CHARACTER},
        {"B1350100M000100Y43", IDENTIFIER_UNKNOWN_AUTHORITY},
        {"91990100M000100Y43", IDENTIFIER_UNKNOWN_REGION},
    };
    UNIT_ROWS(rows, row)
    {
        struct uscc uscc;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_uscc(regions, row->text, &uscc), row->wanted);
        if (row->wanted == IDENTIFIER_VALID) {
            assert_string_equal(uscc.number, "91350100M000100Y43");
            assert_string_equal(uscc.province->name_en, "Fujian");
        }
    }
}

static void test_base_identifier__reads_card_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
        const char *issuer; /* NULL: not known */
    } rows[] = {
        {"6228480000000000018", IDENTIFIER_VALID, "SAB"},
        {"6228 4800 0000 0000 018", IDENTIFIER_VALID, "SAB"},
        {"6228-4800-0000-0000-018", IDENTIFIER_VALID, "SAB"},
        {"4111111111111111", IDENTIFIER_VALID, NULL}, /* the industry's test number */
        {"4111111111111112", IDENTIFIER_WRONG_CHECK, NULL},
        {"6228480000000000019", IDENTIFIER_WRONG_CHECK, NULL},
        {"", IDENTIFIER_EMPTY, NULL},
        {"  ", IDENTIFIER_EMPTY, NULL},
        {"41111111111", IDENTIFIER_WRONG_LENGTH, NULL},
        {"41111111111111111111", IDENTIFIER_WRONG_LENGTH, NULL},
        {"622848000000018", IDENTIFIER_WRONG_LENGTH, NULL}, /* 15 of 16 to 19 */
        {"411111111111111a", IDENTIFIER_WRONG_CHARACTER, NULL},
    };
    UNIT_ROWS(rows, row)
    {
        struct card_number card;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_card_number(bins, row->text, &card), row->wanted);
        if (row->wanted == IDENTIFIER_VALID && row->issuer != NULL) {
            assert_string_equal(card.bin->issuer, row->issuer);
            assert_string_equal(card.number, "6228480000000000018");
        } else if (row->wanted == IDENTIFIER_VALID) {
            assert_null(card.bin);
        }
    }
    assert_int_equal(bins_find(bins, "6259580000000000")->kind, CARD_CREDIT);
    assert_int_equal(bins_find(bins, "6225880000000000")->kind, CARD_DEBIT);
}

/* Luhn finds every single wrong digit and every exchange of neighbours but 0 and 9. */
static void test_base_identifier__luhn_finds_slips(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int round = 0; round < 1000; round++) {
        char number[20] = "9";
        struct card_number card;
        size_t size = 12 + (size_t)(round % 8);
        for (size_t i = 1; i < size; i++) {
            number[i] = (char)('0' + unit_random(&seed) % 10);
        }
        for (char c = '0'; c <= '9'; c++) {
            number[size - 1] = c;
            if (identifier_parse_card_number(bins, number, &card) == IDENTIFIER_VALID) {
                break;
            }
        }
        assert_int_equal(identifier_parse_card_number(bins, number, &card), IDENTIFIER_VALID);
        for (size_t i = 1; i < size; i++) {
            char slip[20];
            memcpy(slip, number, sizeof slip);
            slip[i] = (char)('0' + (slip[i] - '0' + 1 + (int)(unit_random(&seed) % 9)) % 10);
            assert_int_equal(identifier_parse_card_number(bins, slip, &card),
                             IDENTIFIER_WRONG_CHECK);
            memcpy(slip, number, sizeof slip);
            slip[i - 1] = number[i];
            slip[i] = number[i - 1];
            bool is_nine_zero = number[i - 1] - number[i] == 9 || number[i] - number[i - 1] == 9;
            assert_int_equal(identifier_parse_card_number(bins, slip, &card),
                             number[i] == number[i - 1] || is_nine_zero ? IDENTIFIER_VALID
                                                                        : IDENTIFIER_WRONG_CHECK);
        }
    }
}

/* The IBANs are the examples of the ISO 13616 registry. */
static void test_base_identifier__reads_ibans(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
    } rows[] = {
        {"DE89 3704 0044 0532 0130 00", IDENTIFIER_VALID},
        {"de89370400440532013000", IDENTIFIER_VALID},
        {"GB29 NWBK 6016 1331 9268 19", IDENTIFIER_VALID},
        {"FR14 2004 1010 0505 0001 3M02 606", IDENTIFIER_VALID},
        {"NO93 8601 1117 947", IDENTIFIER_VALID},
        {"MT84 MALT 0110 0001 2345 MTLC AST0 01S", IDENTIFIER_VALID},
        {"LC55 HEMM 0001 0001 0012 0012 0002 3015", IDENTIFIER_VALID},
        {"SA03 8000 0000 6080 1016 7519", IDENTIFIER_VALID},
        {"CH93 0076 2011 6238 5295 7", IDENTIFIER_VALID},
        {"DE88 3704 0044 0532 0130 00", IDENTIFIER_WRONG_CHECK},
        {"DE89 3704 0044 0532 0103 00", IDENTIFIER_WRONG_CHECK},
        {"DE00 3704 0044 0532 0130 00", IDENTIFIER_WRONG_CHECK},
        {"DE89 3704 0044 0532 0130 0", IDENTIFIER_WRONG_LENGTH},
        {"DE89 3704 0044 0532 0130 000", IDENTIFIER_WRONG_LENGTH},
        {"DE89", IDENTIFIER_WRONG_LENGTH},
        {"DE893704004405320130001234567890123456", IDENTIFIER_WRONG_LENGTH},
        {"CN89 3704 0044 0532 0130 00", IDENTIFIER_UNKNOWN_COUNTRY},
        {"D189 3704 0044 0532 0130 00", IDENTIFIER_WRONG_CHARACTER},
        {"DEX9 3704 0044 0532 0130 00", IDENTIFIER_WRONG_CHARACTER},
        {"DE89-3704-0044-0532-0130-00", IDENTIFIER_VALID},
        {"ＤＥ８９　３７０４　００４４　０５３２　０１３０　００", IDENTIFIER_VALID},
        {"BR18 0036 0305 0000 1000 9795 493C 1", IDENTIFIER_VALID},
        {"MU17 BOMM 0101 1010 3030 0200 000M UR", IDENTIFIER_VALID},
        {"NL91 ABNA 0417 1643 00", IDENTIFIER_VALID},
        {"RO49 AAAA 1B31 0075 9384 0000", IDENTIFIER_VALID},
        {"IT60 X054 2811 1010 0000 0123 456", IDENTIFIER_VALID},
        /* right check characters, but not the country's structure */
        {"DE1850A105170123456789", IDENTIFIER_WRONG_CHARACTER},
        {"NL981NGB0417164300", IDENTIFIER_WRONG_CHARACTER},
        {"", IDENTIFIER_EMPTY},
    };
    UNIT_ROWS(rows, row)
    {
        struct iban iban;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_iban(row->text, &iban), row->wanted);
    }
}

/* The example of each country in the IBAN registry (SWIFT, release 102 of June 2026). */
static void test_base_identifier__reads_the_registry_s_iban_of_each_country(void **state)
{
    (void)state;
    static const char *const examples[] = {"AD1200012030200359100100",
                                           "AE070331234567890123456",
                                           "AL47212110090000000235698741",
                                           "AT611904300234573201",
                                           "AZ21NABZ00000000137010001944",
                                           "BA391290079401028494",
                                           "BE68539007547034",
                                           "BG80BNBG96611020345678",
                                           "BH67BMAG00001299123456",
                                           "BI4210000100010000332045181",
                                           "BR1800360305000010009795493C1",
                                           "BY13NBRB3600900000002Z00AB00",
                                           "CH9300762011623852957",
                                           "CR05015202001026284066",
                                           "CY17002001280000001200527600",
                                           "CZ6508000000192000145399",
                                           "DE89370400440532013000",
                                           "DJ2100010000000154000100186",
                                           "DK5000400440116243",
                                           "DO28BAGR00000001212453611324",
                                           "EE382200221020145685",
                                           "EG380019000500000000263180002",
                                           "ES9121000418450200051332",
                                           "FI2112345600000785",
                                           "FK88SC123456789012",
                                           "FO6264600001631634",
                                           "FR1420041010050500013M02606",
                                           "GB29NWBK60161331926819",
                                           "GE29NB0000000101904917",
                                           "GI75NWBK000000007099453",
                                           "GL8964710001000206",
                                           "GR1601101250000000012300695",
                                           "GT82TRAJ01020000001210029690",
                                           "HN88CABF00000000000250005469",
                                           "HR1210010051863000160",
                                           "HU42117730161111101800000000",
                                           "IE29AIBK93115212345678",
                                           "IL620108000000099999999",
                                           "IQ98NBIQ850123456789012",
                                           "IS140159260076545510730339",
                                           "IT60X0542811101000000123456",
                                           "JO94CBJO0010000000000131000302",
                                           "KW81CBKU0000000000001234560101",
                                           "KZ86125KZT5004100100",
                                           "LB62099900000001001901229114",
                                           "LC55HEMM000100010012001200023015",
                                           "LI21088100002324013AA",
                                           "LT121000011101001000",
                                           "LU280019400644750000",
                                           "LV80BANK0000435195001",
                                           "LY83002048000020100120361",
                                           "MC5811222000010123456789030",
                                           "MD24AG000225100013104168",
                                           "ME25505000012345678951",
                                           "MK07250120000058984",
                                           "MN121234123456789123",
                                           "MR1300020001010000123456753",
                                           "MT84MALT011000012345MTLCAST001S",
                                           "MU17BOMM0101101030300200000MUR",
                                           "NI45BAPR00000013000003558124",
                                           "NL91ABNA0417164300",
                                           "NO9386011117947",
                                           "OM810180000001299123456",
                                           "PK36SCBL0000001123456702",
                                           "PL61109010140000071219812874",
                                           "PS92PALS000000000400123456702",
                                           "PT50000201231234567890154",
                                           "QA58DOHB00001234567890ABCDEFG",
                                           "RO49AAAA1B31007593840000",
                                           "RS35260005601001611379",
                                           "RU0304452522540817810538091310419",
                                           "SA0380000000608010167519",
                                           "SC18SSCB11010000000000001497USD",
                                           "SD2129010501234001",
                                           "SE4550000000058398257466",
                                           "SI56263300012039086",
                                           "SK3112000000198742637541",
                                           "SM86U0322509800000000270100",
                                           "SO211000001001000100141",
                                           "ST23000100010051845310146",
                                           "SV62CENR00000000000000700025",
                                           "TL380080012345678910157",
                                           "TN5910006035183598478831",
                                           "TR330006100519786457841326",
                                           "UA213223130000026007233566001",
                                           "VA59001123000012345678",
                                           "VG96VPVG0000012345678901",
                                           "XK051212012345678906",
                                           "YE15CBYE0001018861234567891234"};
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        char other[sizeof((struct iban *)0)->number + 1];
        struct iban iban;
        UNIT_SAY("%s", examples[i]);
        assert_int_equal(identifier_parse_iban(examples[i], &iban), IDENTIFIER_VALID);
        assert_string_equal(iban.number, examples[i]);
        size_t size = strlen(examples[i]);
        snprintf(other, sizeof other, "%s0", examples[i]);
        assert_int_equal(identifier_parse_iban(other, &iban), IDENTIFIER_WRONG_LENGTH);
        other[size - 1] = '\0';
        assert_int_equal(identifier_parse_iban(other, &iban), IDENTIFIER_WRONG_LENGTH);
        snprintf(other, sizeof other, "%s", examples[i]);
        other[size - 2] = other[size - 2] == '1' ? '2' : '1';
        assert_int_not_equal(identifier_parse_iban(other, &iban), IDENTIFIER_VALID);
    }
}

/* Weights 3^i over the prime 31, and MOD 97-10, find every single slip and every exchange of
 * neighbours; tried one by one. */
static void test_base_identifier__mod_31_and_97_find_slips(void **state)
{
    (void)state;
    static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const char uscc[] = "91350100M000100Y43";
    static const char iban[] = "DE89370400440532013000";
    struct uscc uscc_out;
    struct iban iban_out;
    for (size_t i = 0; i < strlen(uscc); i++) {
        char slip[19];
        for (const char *c = uscc_alphabet; *c != '\0'; c++) {
            memcpy(slip, uscc, sizeof slip);
            slip[i] = *c;
            assert_int_equal(identifier_parse_uscc(regions, slip, &uscc_out) == IDENTIFIER_VALID,
                             *c == uscc[i]);
        }
        memcpy(slip, uscc, sizeof slip);
        if (i > 0 && uscc[i] != uscc[i - 1]) {
            slip[i] = uscc[i - 1];
            slip[i - 1] = uscc[i];
            assert_int_not_equal(identifier_parse_uscc(regions, slip, &uscc_out), IDENTIFIER_VALID);
        }
    }
    for (size_t i = 2; i < strlen(iban); i++) {
        char slip[23];
        for (char c = '0'; c <= '9'; c++) {
            memcpy(slip, iban, sizeof slip);
            slip[i] = c;
            assert_int_equal(identifier_parse_iban(slip, &iban_out) == IDENTIFIER_VALID,
                             c == iban[i]);
        }
        memcpy(slip, iban, sizeof slip);
        if (i > 2 && iban[i] != iban[i - 1]) {
            slip[i] = iban[i - 1];
            slip[i - 1] = iban[i];
            assert_int_equal(identifier_parse_iban(slip, &iban_out), IDENTIFIER_WRONG_CHECK);
        }
    }
}

static void test_base_identifier__reads_bics_and_leis(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
    } bic_rows[] = {
        {"DEUTDEFF", IDENTIFIER_VALID},           {"deutdeff500", IDENTIFIER_VALID},
        {"ICBKCNBJ", IDENTIFIER_VALID},           {"DEUTDEF", IDENTIFIER_WRONG_LENGTH},
        {"DEUTDEFF5", IDENTIFIER_WRONG_LENGTH},   {"DEUTDEFF5000", IDENTIFIER_WRONG_LENGTH},
        {"DEUT1EFF", IDENTIFIER_WRONG_CHARACTER}, {"DEUT-EFF", IDENTIFIER_WRONG_LENGTH},
        {"DEUTZZFF", IDENTIFIER_UNKNOWN_COUNTRY}, {"", IDENTIFIER_EMPTY},
    };
    static const struct {
        const char *text;
        enum identifier_reason wanted;
    } lei_rows[] = {
        {"506700GE1G29325QX363", IDENTIFIER_VALID}, /* GLEIF's own */
        {"506700ge1g29325qx363", IDENTIFIER_VALID},
        {"506700GE1G29325QX364", IDENTIFIER_WRONG_CHECK},
        {"506700GE1G29352QX363", IDENTIFIER_WRONG_CHECK},
        {"506700GE1G29325QX36", IDENTIFIER_WRONG_LENGTH},
        {"506700GE1G29325QX36A", IDENTIFIER_WRONG_CHARACTER},
        {"506700GE1G29325QX 63", IDENTIFIER_WRONG_LENGTH},
        {"506700GE1G29325QX?63", IDENTIFIER_WRONG_CHARACTER},
        {"", IDENTIFIER_EMPTY},
    };
    UNIT_ROWS(bic_rows, row)
    {
        struct bic bic;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_bic(row->text, &bic), row->wanted);
    }
    UNIT_ROWS(lei_rows, row)
    {
        struct lei lei;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_lei(row->text, &lei), row->wanted);
    }
}

static void test_base_identifier__writes_phones_one_way(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum identifier_reason wanted;
        const char *number;
        bool is_mobile;
    } rows[] = {
        {"13800138000", IDENTIFIER_VALID, "+8613800138000", true},
        {"138 0013 8000", IDENTIFIER_VALID, "+8613800138000", true},
        {"138-0013-8000", IDENTIFIER_VALID, "+8613800138000", true},
        {"+86 138 0013 8000", IDENTIFIER_VALID, "+8613800138000", true},
        {"0086 13800138000", IDENTIFIER_VALID, "+8613800138000", true},
        {"8613800138000", IDENTIFIER_VALID, "+8613800138000", true},
        {"+861012345678", IDENTIFIER_VALID, "+861012345678", false},
        {"+44 20 7946 0958", IDENTIFIER_VALID, "+442079460958", false},
        {"12800138000", IDENTIFIER_NOT_A_MOBILE, NULL, false},
        {"+8610800138000", IDENTIFIER_NOT_A_MOBILE, NULL, false},
        {"+861380013800", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"+86138001380000", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"1380013800", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"23800138000", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"+123456", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"+1234567890123456", IDENTIFIER_WRONG_LENGTH, NULL, false},
        {"+02079460958", IDENTIFIER_WRONG_CHARACTER, NULL, false},
        {"1380013800a", IDENTIFIER_WRONG_CHARACTER, NULL, false},
        {"+86+13800138000", IDENTIFIER_WRONG_CHARACTER, NULL, false},
        {"(138)00138000", IDENTIFIER_VALID, "+8613800138000", true},
        {"(+86) 138 0013 8000", IDENTIFIER_VALID, "+8613800138000", true},
        {"+86 (0)138 0013 8000", IDENTIFIER_VALID, "+8613800138000", true},
        {"+39 06 6982 1234", IDENTIFIER_VALID, "+390669821234", false},
        {"+992 01 700 12 34", IDENTIFIER_VALID, "+992017001234", false},
        {"+225 01 23 45 67 89", IDENTIFIER_VALID, "+2250123456789", false},
        {"+800 0825 1234", IDENTIFIER_VALID, "+80008251234", false},
        {"+86013800138000", IDENTIFIER_TRUNK_ZERO, NULL, false},
        {"+4402079460958", IDENTIFIER_TRUNK_ZERO, NULL, false},
        {"+999123456789", IDENTIFIER_UNKNOWN_COUNTRY, NULL, false},
        {"+2101234567", IDENTIFIER_UNKNOWN_COUNTRY, NULL, false},
        {"+3841234567", IDENTIFIER_UNKNOWN_COUNTRY, NULL, false},
        {"", IDENTIFIER_EMPTY, NULL, false},
        {"000000000000000000000000000000000000000000", IDENTIFIER_WRONG_LENGTH, NULL, false},
    };
    UNIT_ROWS(rows, row)
    {
        struct phone phone;
        UNIT_SAY("%s", row->text);
        assert_int_equal(identifier_parse_phone(row->text, &phone), row->wanted);
        if (row->wanted == IDENTIFIER_VALID) {
            assert_string_equal(phone.number, row->number);
            assert_int_equal(phone.is_china_mobile, row->is_mobile);
        }
    }
}

static void test_base_identifier__explains_every_reason_twice(void **state)
{
    (void)state;
    for (int i = 0; i < IDENTIFIER_REASON_COUNT; i++) {
        enum identifier_reason reason = (enum identifier_reason)i;
        assert_true(strlen(identifier_slug(reason)) > 0);
        assert_string_not_equal(identifier_text(reason, LANG_EN), identifier_text(reason, LANG_ZH));
    }
}

static void test_base_identifier__refuses_bad_tables(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        bool is_region;
    } rows[] = {
        {"too few columns", "110000\t北京市\n", true},
        {"too many columns", "110000\t北京市\tBeijing\tx\n", true},
        {"a code of five", "11000\t北京市\tBeijing\n", true},
        {"out of order", "120000\t天津市\tTianjin\n110000\t北京市\tBeijing\n", true},
        {"twice", "110000\t北京市\tBeijing\n110000\t北京市\tBeijing\n", true},
        {"no row", "# nothing\n", true},
        {"not UTF-8", "110000\t\xff\tBeijing\n", true},
        {"unknown kind", "622848\t16-19\tgold\tSAB\ta\tb\n", false},
        {"length upside down", "622848\t19-16\tdebit\tSAB\ta\tb\n", false},
        {"length no number", "622848\tx\tdebit\tSAB\ta\tb\n", false},
        {"no issuer", "622848\t16\tdebit\t\ta\tb\n", false},
    };
    char path[] = "/tmp/sycee-table-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    UNIT_ROWS(rows, row)
    {
        struct regions *bad_regions = NULL;
        struct bins *bad_bins = NULL;
        FILE *stream = fopen(path, "wb");
        UNIT_SAY("%s", row->what);
        assert_non_null(stream);
        fputs(row->text, stream);
        fclose(stream);
        assert_int_equal(row->is_region ? regions_load(path, &bad_regions)
                                        : bins_load(path, &bad_bins),
                         ERR_INVALID_FIELD);
    }
    remove(path);
    struct regions *none = NULL;
    assert_int_equal(regions_load(path, &none), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_identifier__reads_resident_ids),
        UNIT_TEST(test_base_identifier__mod_11_2_finds_slips),
        UNIT_TEST(test_base_identifier__reads_credit_codes),
        UNIT_TEST(test_base_identifier__reads_card_numbers),
        UNIT_TEST(test_base_identifier__luhn_finds_slips),
        UNIT_TEST(test_base_identifier__reads_ibans),
        UNIT_TEST(test_base_identifier__reads_the_registry_s_iban_of_each_country),
        UNIT_TEST(test_base_identifier__mod_31_and_97_find_slips),
        UNIT_TEST(test_base_identifier__reads_bics_and_leis),
        UNIT_TEST(test_base_identifier__writes_phones_one_way),
        UNIT_TEST(test_base_identifier__explains_every_reason_twice),
        UNIT_TEST(test_base_identifier__refuses_bad_tables),
    };
    return cmocka_run_group_tests(tests, load_tables, release_tables);
}
