/* Made by "node tests/api/passkey.mjs vectors": keys of no use anywhere. */
static const struct vector VECTORS[] = {
    {
        .name = "ES256",
        .algorithm = -7,
        .attestation =
            "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikBb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7"
            "_D9FAAAAAQAAAAAAAAAAAAAAAAAAAAAAIDEWzjsxL9SzxkQFf0dDl2O4t-2Q3tUI4xHx2kcAVLzkpQEC"
            "AyYgASFYIHAw5XytfTHEjykSSJEPnhFuPtjdHAZAYuvtlEzCKVtDIlgg3lprogupYbzbRvV3qxxyxOcb"
            "J3JUrlsYHHIpnUQDdaI",
        .created =
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFX"
            "bHBhV2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jv"
            "c3NPcmlnaW4iOmZhbHNlfQ",
        .data = "Bb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D8FAAAAAg",
        .asserted =
            "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFXbHBh"
            "V2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jvc3NP"
            "cmlnaW4iOmZhbHNlfQ",
        .signature =
            "MEQCIFhee1ffXTpbxH-weWzCjowOtDLHz4zKbiTYVZOKWPSQAiBzMZdr3VP2B3Su31VHq-q1fsA434-D"
            "yj3LOPc4GFASkA",
    },
    {
        .name = "ES256 packed",
        .algorithm = -7,
        .attestation =
            "o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZyZjc2lnWEgwRgIhAPWU1slITwzBNhjBcEOR8Uu6pVzpEeqI"
            "WstmIo9SfHf6AiEA831Ku6f_6xyZ32b-IIpwV-EVobRbRgEk7E_FU26rC_poYXV0aERhdGFYpAW-Va9Q"
            "jFVV2AbVvVSQ9eIdq5oQG4g2f40dBj-MO_w_RQAAAAEAAAAAAAAAAAAAAAAAAAAAACAUQWig8tfWVMof"
            "3FxUnJklaGJr9zDG1LJh_z7gnQWDPaUBAgMmIAEhWCDNDAopmL4QlNO6YIcVK3alws6Ze4kuyEQOKoIH"
            "VQ1QjSJYIP8XTD5QCYik20BXwByo6buzk3Gv594VXtpp6ai2uyUZ",
        .created =
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFX"
            "bHBhV2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jv"
            "c3NPcmlnaW4iOmZhbHNlfQ",
        .data = "Bb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D8FAAAAAg",
        .asserted =
            "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFXbHBh"
            "V2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jvc3NP"
            "cmlnaW4iOmZhbHNlfQ",
        .signature =
            "MEUCIQCfTdY8mvJwXP4ddOxwoHL3-AFwgQAHBM7PoBVgdoLyNwIgJtuvfA18QxW9SwOC--NeUOry0_3P"
            "h3CKgZ4zXYIRZ2E",
    },
    {
        .name = "EdDSA packed",
        .algorithm = -8,
        .attestation =
            "o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZydjc2lnWEB_Ewc9ETpGzyK2KBzW2MlHcwtiy5zaZJcFFf-9"
            "VxtWZIwQJ_YHmpgOGdQ47UxXnHQK0DDm7OkEWpeFhWNv7VwPaGF1dGhEYXRhWIEFvlWvUIxVVdgG1b1U"
            "kPXiHauaEBuINn-NHQY_jDv8P0UAAAABAAAAAAAAAAAAAAAAAAAAAAAgLUXJ4bVv1vnswS8TyPro80YE"
            "WQjQBhxvgaj9SvUUuDOkAQEDJyAGIVggx5FnTcXA4XhrugR2LDybnDU_J4IBsaBu7Ws32MvZwGQ",
        .created =
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFX"
            "bHBhV2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jv"
            "c3NPcmlnaW4iOmZhbHNlfQ",
        .data = "Bb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D8FAAAAAg",
        .asserted =
            "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFXbHBh"
            "V2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jvc3NP"
            "cmlnaW4iOmZhbHNlfQ",
        .signature =
            "Q5fyq9DSDyNJo7iRtKSjvDRUKcqISpDO5Op6Ib4B-Sdy7ey1q3HMj3mohzq5aMQALIyaS7xbCv-zS3Fo"
            "iW27CA",
    },
    {
        .name = "RS256",
        .algorithm = -257,
        .attestation =
            "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVkBZwW-Va9QjFVV2AbVvVSQ9eIdq5oQG4g2f40dBj-M"
            "O_w_RQAAAAEAAAAAAAAAAAAAAAAAAAAAACBoOY6KDyZdt-Jam2sqpDL9LYBckawxMNDkop6sQqGG2KQB"
            "AwM5AQAgWQEA3qbquODB_nLbezMGMXWZradsLkCfq7yUltY-LmhckgruPwgkpr9xzV4Qhb3NEmaLMzKT"
            "C0FCWXVX-PZfBarxmeVIesYF1vVrsyxXFfmOZgxr1TZXJNzMA8r8LQELCG3JUF_UQzNamcO6AWujuVYC"
            "f52GTWCvBIiV6R8TGR9ZMMqufZSO5JTLkRVKdXxZt5RKU27WTy8MgHZSuEl64Rwf1G1a5laOP7bGJLUK"
            "jJ3BaQ6VNYYI3tNX6WcKid1wZYQQ0W41xQI4ceILb8Urc9RUdbNKEPSons1Oe_OGyq2T9xgIV2dJsLzQ"
            "TPmfF5vA1GPMi19lmYsoc8r2SEzPq08uvyFDAQAB",
        .created =
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFX"
            "bHBhV2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jv"
            "c3NPcmlnaW4iOmZhbHNlfQ",
        .data = "Bb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D8FAAAAAg",
        .asserted =
            "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFXbHBh"
            "V2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jvc3NP"
            "cmlnaW4iOmZhbHNlfQ",
        .signature =
            "Z9ltmbvLiNs-wjf4OTnQym9mxdFDWOBqBGcnHqx5lEuVSH5vQcnSsiL-sXRmFCqRxP8_z00ecmlYISqL"
            "eEEU5ZgzCkLWKeIQsFa7U5GJaznB8uPU0nce9k8zSnXUEziJ9Y-irl_n83AjOrPDIZ2swOdq2UzFNP9q"
            "WHGtd4UW5ZUmJK0ghPhPlqeiql5pTUdcysPBr_iq44o_ir-I4RqGmjZEEv_X-SxHXEY-I6-4K_gpONXS"
            "IM0MpivmRjSQBQsDZJM0KoLjFmnmohJGRHCGrQ8QUA4rrgr8PFuvVHXkGzxdQQjq0cwsDwKGgGqxuJH0"
            "yZfhXVOPCHB79E_yPpawzw",
    },
    {
        .name = "RS256 packed",
        .algorithm = -257,
        .attestation =
            "o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZzkBAGNzaWdZAQCQGhRYP5_R403-s9_KXZ11wvsPbpZHzUBP"
            "Slt7qMndN18owZWsPxWXadOyDfPr9fkDI-kZ8Vdp0UuHeotYCvgKWEEl8QQjFV0DBLho5aGG1pnZ8b-X"
            "sJyX5WP3cXpr61ntuV9TSwziVeKY3BQJHCV0tvncjmfidLb0Ao2UuAXLYvcC42klwfqD7Z394czw7UdX"
            "KFGP1WA84H2mcZ03FJObNtgbyTFYSP1gWnWqLsg4PukkygUTQEdBEBlztHbGxp8bdrDJpM1jCxUJLE6n"
            "z6AxClrndfvfgKL0qjCpKV8wALaquRVw_0iBwaRY01kyiNAenf7jWp3vMYqdcv7FlYVRaGF1dGhEYXRh"
            "WQFnBb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D9FAAAAAQAAAAAAAAAAAAAAAAAAAAAAIG5j"
            "dkV9pqN8SnT3WdlCbt7dZKAoUyn37J7iP0EKeojWpAEDAzkBACBZAQCaY29Y5wMfyuH_uFo_wZKxrOwP"
            "RLb-XLmMDOv76mUojB-4lht55Fk5NRxmgDs2NDf_BxnFaOfphM0au2TmO9P8M3MT6Uc32Mmo60Ef2e9N"
            "5G_5S_1IuI9sci8DiEBOA6VCbNAXsuSSApf0Kv48buV-6OdBQ_HCla73uOmKzSskWbCz5OjvihNzZqc-"
            "kJqDXJdWZNpVhjrK2krMKPzDqT6JYYFezmRtIq_UeUMSAimlrpID3u3QhA0jLdHU44k6dnB1OkRgvAsu"
            "ZSKw8DyMea0SgsRXhpAD_v6fmN1KDDQJHQNcO2qGU56IvYv0Ki61s3nuWcBv76QZC-AE42HLfgKvIUMB"
            "AAE",
        .created =
            "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFX"
            "bHBhV2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jv"
            "c3NPcmlnaW4iOmZhbHNlfQ",
        .data = "Bb5Vr1CMVVXYBtW9VJD14h2rmhAbiDZ_jR0GP4w7_D8FAAAAAg",
        .asserted =
            "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiV2xwYVdscGFXbHBhV2xwYVdscGFXbHBh"
            "V2xwYVdscGFXbHBhV2xwYVdsbyIsIm9yaWdpbiI6Imh0dHBzOi8vYmFuay5leGFtcGxlIiwiY3Jvc3NP"
            "cmlnaW4iOmZhbHNlfQ",
        .signature =
            "E_wf-w8ZhecNxCKL_d0X8hqExrLwUzHtmhXr8_3C1tLK7lNJr2zi6jj5YPhrYNJvdJGUtMC5P_r-T6U7"
            "eaXo4Vtmu4gCDf-RM882pbyz7n4UpOUwvfeJCXlOSsuoqMFYMiRGxDWhc-VKb1frfKGZFRayhAYtLPbg"
            "-6RBa86XiO14llLLT1gKAy8JVdYE516iiLJELHhYzWByUwjOrC4wANxK3LZgUmU9ef4QkyeizOJTLprP"
            "C6xywrvAVdS3YhI1eYuhkOcgjiY1DVFMt5Ss-4Zif7EqVieoM_d0cYI0Z6vRvs_4cOwamEiHDvlVGnif"
            "wbl3UEnVlJgSi8pKUD_QXw",
    },
};
